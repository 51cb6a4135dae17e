// Where everything stands on the stage, in pixels: devices at the left, the broker in the middle,
// handlers and their replies at the right; and the curves between them. Used by stage-floor.tsx.
// Pure.

export type Point = { readonly x: number; readonly y: number };
export type Box = Point & { readonly width: number; readonly height: number };

export type StageLayout = {
  readonly width: number;
  readonly height: number;
  /** By the place of the actor. */
  readonly devices: readonly Box[];
  readonly broker: Box;
  readonly handlers: readonly Box[];
  /** Beside each handler; none on a narrow stage, where replies go back to the broker. */
  readonly replies: readonly Box[];
};
export type StageSize = { readonly width: number; readonly height: number };

/** Below this width there is no column for replies. */
const NARROW_PX = 900;
const ROW_PX_MAX = 104;
const ROW_PX_MIN = 44;
const GAP_PX = 14;
const COLUMN_SHARE = 0.2;
const COLUMN_PX_MAX = 380;
const NARROW_SHARE = 0.31;
const BROKER_SHARE = 0.15;
const NARROW_BROKER_SHARE = 0.2;
const BROKER_PX_MAX = 250;

export function isNarrow({ width }: StageSize): boolean {
  return width < NARROW_PX;
}

/** How many rows a column has room for. */
export function countRows({ height }: StageSize, rowsMax: number): number {
  return Math.max(2, Math.min(rowsMax, Math.floor(height / (ROW_PX_MIN + GAP_PX))));
}

export function layOut(size: StageSize, deviceCount: number, handlerCount: number): StageLayout {
  const { width, height } = size;
  const narrow = isNarrow(size);
  const column = Math.min(COLUMN_PX_MAX, width * (narrow ? NARROW_SHARE : COLUMN_SHARE));
  const brokerShare = narrow ? NARROW_BROKER_SHARE : BROKER_SHARE;
  const brokerWidth = Math.min(BROKER_PX_MAX, width * brokerShare);
  const replyX = width - column;
  // Between device and reply, the broker and the handlers leave three gaps that are as wide.
  const gap = (replyX - column - brokerWidth - column) / 3;
  const brokerX = narrow ? (width - brokerWidth) / 2 : column + gap;
  const handlerX = narrow ? replyX : brokerX + brokerWidth + gap;
  const brokerHeight = Math.min(height, Math.max(140, height * 0.72));
  return {
    width,
    height,
    devices: toRows(0, column, height, deviceCount),
    broker: {
      x: brokerX,
      y: (height - brokerHeight) / 2,
      width: brokerWidth,
      height: brokerHeight,
    },
    handlers: toRows(handlerX, column, height, handlerCount),
    replies: narrow ? [] : toRows(replyX, column, height, handlerCount),
  };
}

function toRows(x: number, width: number, height: number, count: number): readonly Box[] {
  const step = Math.min(ROW_PX_MAX + GAP_PX, (height + GAP_PX) / Math.max(1, count));
  const top = (height - (step * count - GAP_PX)) / 2;
  return Array.from({ length: count }, (_, at) => {
    return { x, y: top + at * step, width, height: step - GAP_PX };
  });
}

export type Curve = { readonly from: Point; readonly to: Point };

/** From the right edge of the one to the left edge of the other, at `share` of its height. */
export function toCurve(from: Box, to: Box, share = 0.5): Curve {
  return {
    from: { x: from.x + from.width, y: from.y + from.height / 2 },
    to: { x: to.x, y: to.y + to.height * share },
  };
}

/** Where on the broker's edge the curve of this row ends: side by side, not all in one point. */
export function toShare(place: number, count: number): number {
  return (place + 1) / (count + 1);
}

/** As an SVG path: it leaves and arrives level. */
export function toPath({ from, to }: Curve): string {
  const middle = (from.x + to.x) / 2;
  return `M${from.x} ${from.y}C${middle} ${from.y} ${middle} ${to.y} ${to.x} ${to.y}`;
}

/** The point at `share` of the way, of the same curve. */
export function toPoint({ from, to }: Curve, share: number): Point {
  const middle = (from.x + to.x) / 2;
  const rest = 1 - share;
  const [a, b, c, d] = [rest ** 3, 3 * rest * rest * share, 3 * rest * share * share, share ** 3];
  return {
    x: a * from.x + (b + c) * middle + d * to.x,
    y: (a + b) * from.y + (c + d) * to.y,
  };
}
