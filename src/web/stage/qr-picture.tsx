// A text as a QR code (ISO/IEC 18004), black on white whatever the theme, since readers want that.

import { useMemo } from "preact/hooks";
import { encode } from "uqr";

export type QrPictureProps = {
  readonly text: string;
  /** What it is, for whoever does not see it. */
  readonly label: string;
};

/** The white border that readers need. */
const QUIET_ZONE = 4;

export function QrPicture({ text, label }: QrPictureProps) {
  const { size, path } = useMemo(() => draw(text), [text]);
  return (
    <svg class="qr-picture" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label}>
      <rect class="qr-white" width={size} height={size} />
      <path class="qr-black" d={path} />
    </svg>
  );
}

function draw(text: string): { readonly size: number; readonly path: string } {
  const { data, size } = encode(text, { border: QUIET_ZONE });
  const squares = data.flatMap((row, y) => {
    return row.flatMap((isBlack, x) => (isBlack ? [`M${x} ${y}h1v1h-1z`] : []));
  });
  return { size, path: squares.join("") };
}
