// The payload as text, as bytes in hexadecimal, and as an image. What a stranger sent is text or
// the picture of an <img>, in which no script runs.

import { useEffect, useState } from "preact/hooks";
import { showMarks } from "../parts/visible-marks.ts";
import { say } from "../words/words.ts";
import { HEX_LINE_BYTES, HEX_SHORT_LINE_BYTES, toHexLines } from "./hex-lines.ts";
import type { Payload } from "./payload-kind.ts";

export type PayloadViewProps = { readonly payload: Payload };

const TEXT_STEP = 50_000;
const HEX_LINES_STEP = 256;
const PHONE = "(width <= 40rem)";

export function TextView({ payload }: PayloadViewProps) {
  const [max, setMax] = useState(TEXT_STEP);
  const text = payload.text ?? "";
  return (
    <>
      <pre class="payload-text">{showMarks(text.slice(0, max))}</pre>
      {text.length > max && <More count={TEXT_STEP} onMore={() => setMax(max + TEXT_STEP)} />}
    </>
  );
}

export function HexView({ payload: { bytes } }: PayloadViewProps) {
  const [max, setMax] = useState(HEX_LINES_STEP);
  const [isPhone] = useState(() => matchMedia(PHONE).matches);
  const lineBytes = isPhone ? HEX_SHORT_LINE_BYTES : HEX_LINE_BYTES;
  return (
    <>
      <table class="hex">
        <thead>
          <tr>
            <th scope="col">{say("message.offset")}</th>
            <th scope="col">{say("message.bytes")}</th>
            <th scope="col">{say("message.characters")}</th>
          </tr>
        </thead>
        <tbody>
          {toHexLines(bytes, max, lineBytes).map(({ offset, hex, ascii }) => (
            <tr key={offset}>
              <td class="soft">{offset}</td>
              <td>{hex}</td>
              <td>{ascii}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {bytes.length > max * lineBytes && (
        <More count={HEX_LINES_STEP} onMore={() => setMax(max + HEX_LINES_STEP)} />
      )}
    </>
  );
}

export function ImageView({ payload: { bytes, image } }: PayloadViewProps) {
  const [url, setUrl] = useState<string>();
  const [hasFailed, setFailed] = useState(false);
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([bytes], { type: image ?? "" }));
    setUrl(made);
    setFailed(false);
    return () => URL.revokeObjectURL(made);
  }, [bytes, image]);
  if (hasFailed) return <p class="soft">{say("message.noImage")}</p>;
  if (url === undefined) return null;
  const label = say("message.imageLabel");
  return <img class="payload-image" src={url} alt={label} onError={() => setFailed(true)} />;
}

type MoreProps = { readonly count: number; readonly onMore: () => void };

function More({ count, onMore }: MoreProps) {
  return (
    <button type="button" onClick={onMore}>
      {say("message.more", { count })}
    </button>
  );
}
