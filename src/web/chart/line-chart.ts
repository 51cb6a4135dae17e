// The lines of the chart, by uPlot, as the page looks: its colours, its language, its size. Made by
// chart-canvas.tsx, which gives it its data and ends it.

import uPlot from "uplot";
import { formatNumber } from "../words/quantities.ts";
import type { Language } from "../words/reader-language.ts";
import type { NumberSeries } from "./number-series.ts";

export type LineChartLook = {
  readonly language: Language;
  /** One for each line. */
  readonly colours: readonly string[];
  readonly text: string;
  readonly line: string;
};

export type LineChart = {
  readonly show: (series: NumberSeries) => void;
  readonly close: () => void;
};

const HEIGHT_PX = 240;
const DAY_SECONDS = 86_400;
const DIGITS_MAX = 6;
const NARROW_PX = 500;
/** Lines differ by more than colour. */
const DASHES = [[], [8, 4], [2, 3], [12, 3, 2, 3]] as const;

/** `onPoint` hears of the place under the pointer; undefined when there is none. */
export function openLineChart(
  parent: HTMLElement,
  look: LineChartLook,
  onPoint: (place: number | undefined) => void,
): LineChart {
  const toWidth = () => Math.max(200, Math.floor(parent.clientWidth));
  const plot = new uPlot(
    {
      width: toWidth(),
      height: HEIGHT_PX,
      legend: { show: false },
      cursor: { y: false, drag: { x: true, y: false } },
      scales: { x: { time: true } },
      axes: [toTimeAxis(look, toWidth), toNumberAxis(look)],
      series: [{}, ...look.colours.map(toLine)],
      hooks: { setCursor: [({ cursor }) => onPoint(cursor.idx ?? undefined)] },
    },
    [[], ...look.colours.map(() => [])],
    parent,
  );
  const observer = new ResizeObserver(() => {
    plot.setSize({ width: toWidth(), height: HEIGHT_PX });
  });
  observer.observe(parent);
  return {
    show({ times, columns }) {
      const isWhole = !isZoomed(plot);
      plot.setData([[...times], ...columns.map((column) => [...column])], isWhole);
      if (!isWhole) plot.redraw();
    },
    close() {
      observer.disconnect();
      plot.destroy();
    },
  };
}

// What the reader has zoomed into stays in sight while more comes.
function isZoomed({ data: [times], scales }: uPlot): boolean {
  const first = times[0];
  const last = times.at(-1);
  const { min, max } = scales.x ?? {};
  if (first === undefined || last === undefined || first === last) return false;
  return (min ?? first) > first || (max ?? last) < last;
}

function toLine(stroke: string, at: number): uPlot.Series {
  const dash = [...(DASHES[at % DASHES.length] ?? [])];
  return { stroke, width: 2, dash, spanGaps: true, points: { size: 5 } };
}

function toTimeAxis({ language, text, line }: LineChartLook, toWidth: () => number): uPlot.Axis {
  return {
    stroke: text,
    grid: { stroke: line, width: 1 },
    ticks: { stroke: line },
    space: () => (toWidth() < NARROW_PX ? 80 : 110),
    values: (_plot, splits) => {
      const first = splits[0] ?? 0;
      const last = splits.at(-1) ?? first;
      const stepSeconds = (splits[1] ?? last) - first;
      const isLong = last - first > DAY_SECONDS;
      const format = new Intl.DateTimeFormat(language, {
        ...(isLong && { month: "2-digit", day: "2-digit" }),
        hour: "2-digit",
        minute: "2-digit",
        ...(stepSeconds < 60 && { second: "2-digit" }),
        ...(stepSeconds < 1 && { fractionalSecondDigits: 3 as const }),
        hourCycle: "h23",
      });
      return splits.map((seconds) => format.format(seconds * 1000));
    },
  };
}

function toNumberAxis({ text, line }: LineChartLook): uPlot.Axis {
  return {
    stroke: text,
    grid: { stroke: line, width: 1 },
    ticks: { stroke: line },
    size: (_plot, values) => {
      const characters = Math.max(3, ...(values ?? []).map((value) => value.length));
      return 20 + characters * 8;
    },
    values: (_plot, splits) => splits.map((value) => formatNumber(value, DIGITS_MAX)),
  };
}
