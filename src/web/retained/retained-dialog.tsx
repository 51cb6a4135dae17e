// One retained message whole, in a dialog: payload, properties, and the filters above its topic.

import { useEffect, useState } from "preact/hooks";
import type { Live } from "../live/live.ts";
import { Dialog } from "../parts/dialog.tsx";
import { ErrorBox } from "../shell/error-box.tsx";
import { toHash } from "../shell/route.ts";
import { formatBytes, formatTime } from "../words/quantities.ts";
import { say } from "../words/words.ts";
import { toFiltersAbove } from "./filters-above.ts";
import { type RetainedJson, type RetainedPageJson, toRetainedPath } from "./retained-shapes.ts";

export type RetainedDialogProps = {
  readonly live: Live;
  /** Undefined: it is closed. */
  readonly topic: string | undefined;
  readonly onClose: () => void;
};

const SHOWN_BYTES_MAX = 65_536;

export function RetainedDialog({ live, topic, onClose }: RetainedDialogProps) {
  return (
    <Dialog title={topic ?? ""} isOpen={topic !== undefined} onClose={onClose}>
      {topic !== undefined && <Details key={topic} {...{ live, topic, onClose }} />}
    </Dialog>
  );
}

type DetailsProps = RetainedDialogProps & { readonly topic: string };

function Details({ live, topic, onClose }: DetailsProps) {
  const [page, setPage] = useState<RetainedPageJson | undefined>(undefined);
  const [error, setError] = useState<unknown>(undefined);
  useEffect(() => {
    const path = toRetainedPath(topic, { payload_bytes: SHOWN_BYTES_MAX });
    live.api.ask<RetainedPageJson>(path).then(setPage, setError);
  }, [live, topic]);
  if (error !== undefined) return <ErrorBox error={error} />;
  if (!page) return <p role="status">{say("retained.loading")}</p>;
  const [message] = page.messages;
  return (
    <>
      {message ? <Message message={message} /> : <p>{say("retained.gone")}</p>}
      <h3>{say("retained.above")}</h3>
      <ul class="examples">
        {toFiltersAbove(topic).map((filter) => (
          <li key={filter}>
            <a href={toHash("retained", filter)} onClick={onClose}>
              <bdi>{filter}</bdi>
            </a>
          </li>
        ))}
      </ul>
      <p class="choices">
        <a href={toHash("topics", topic)}>{say("retained.toTopics")}</a>
      </p>
    </>
  );
}

function Message({ message }: { readonly message: RetainedJson }) {
  const { payload, payload_encoding: encoding, payload_bytes: bytes, properties } = message;
  const { at, qos } = message;
  const isBinary = encoding === "base64";
  return (
    <>
      <p class="soft">
        {formatBytes(bytes)}, {say("retained.qos")} {qos},{" "}
        {at === undefined ? say("retained.ageUnknown") : formatTime(Date.parse(at))}
      </p>
      {isBinary && <p>{say("retained.binary", { bytes: formatBytes(bytes) })}</p>}
      <pre class="whole">{payload}</pre>
      {message.payload_cut && (
        <p class="soft">{say("retained.cutPayload", { bytes: formatBytes(bytes) })}</p>
      )}
      {properties && (
        <>
          <h3>{say("retained.properties")}</h3>
          <pre class="whole">{JSON.stringify(properties, undefined, 2)}</pre>
        </>
      )}
    </>
  );
}
