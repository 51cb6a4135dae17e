// Numbers of a topic's payloads over time: the chart, its legend with values, and the same as a
// table for whoever does not see it.

import { useCallback, useMemo, useState } from "preact/hooks";
import type { HeldMessage } from "../message/held-messages.ts";
import { formatNumber, formatTime } from "../words/quantities.ts";
import { say } from "../words/words.ts";
import { ChartCanvas, toLineClass } from "./chart-canvas.tsx";
import { createSeriesReader, type NumberSeries } from "./number-series.ts";

export type ChartPartProps = {
  readonly messages: readonly HeldMessage[];
  /** Addresses of the numbers, as "/room/celsius"; "" is the payload itself. */
  readonly pointers: readonly string[];
  readonly onRemove: (pointer: string) => void;
  readonly onClear: () => void;
};

const DIGITS_MAX = 6;
const TABLE_ROWS_MAX = 50;

export function ChartPart({ messages, pointers, onRemove, onClear }: ChartPartProps) {
  const read = useMemo(createSeriesReader, []);
  const series = useMemo(() => read(messages, pointers), [read, messages, pointers]);
  const [place, setPlace] = useState<number>();
  const follow = useCallback((next: number | undefined) => setPlace(next), []);
  return (
    <section class="pane-part chart" aria-label={say("chart.title")}>
      <h3>
        {say("chart.title")}
        <button type="button" class="quiet" onClick={onClear}>
          {say("chart.clear")}
        </button>
      </h3>
      {series.times.length === 0 && <p class="soft">{say("chart.none")}</p>}
      <ChartCanvas series={series} onPoint={follow} />
      <p class="chart-hint soft">{say("chart.zoom")}</p>
      <Legend series={series} pointers={pointers} place={place} onRemove={onRemove} />
      <PointTable series={series} pointers={pointers} />
    </section>
  );
}

type LegendProps = Pick<ChartPartProps, "pointers" | "onRemove"> & {
  readonly series: NumberSeries;
  readonly place: number | undefined;
};

function Legend({ series, pointers, place, onRemove }: LegendProps) {
  const { times, columns } = series;
  const time = place === undefined ? undefined : times[place];
  const heading = time === undefined ? say("chart.latest") : formatTime(time * 1000);
  return (
    <div class="chart-legend">
      <table>
        <thead>
          <tr>
            <th scope="col">{say("chart.series")}</th>
            <th scope="col">{heading}</th>
            <th scope="col">{say("chart.lowest")}</th>
            <th scope="col">{say("chart.highest")}</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {pointers.map((pointer, at) => {
            const values = (columns[at] ?? []).filter((value) => value !== null);
            const value = time === undefined ? values.at(-1) : columns[at]?.[place ?? 0];
            return (
              <tr key={pointer}>
                <th scope="row">
                  <span class={`chart-swatch ${toLineClass(at)}`} />
                  {toName(pointer)}
                </th>
                <td>{toWords(value)}</td>
                <td>{toWords(values.length > 0 ? findEdge(values, Math.min) : undefined)}</td>
                <td>{toWords(values.length > 0 ? findEdge(values, Math.max) : undefined)}</td>
                <td>
                  <button
                    type="button"
                    class="quiet"
                    aria-label={say("chart.remove", { name: toName(pointer) })}
                    onClick={() => onRemove(pointer)}
                  >
                    ×
                  </button>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

type PointTableProps = Pick<ChartPartProps, "pointers"> & { readonly series: NumberSeries };

// Its rows are made only while somebody reads them.
function PointTable({ series, pointers }: PointTableProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{say("chart.table")}</summary>
      {isOpen && <Points series={series} pointers={pointers} />}
    </details>
  );
}

function Points({ series, pointers }: PointTableProps) {
  const { times, columns } = series;
  const first = Math.max(0, times.length - TABLE_ROWS_MAX);
  const rows = times.slice(first).map((time, at) => ({ time, place: first + at }));
  return (
    <section
      class="chart-legend"
      aria-label={say("chart.table")}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by the keyboard
      tabIndex={0}
    >
      <table>
        <caption class="soft">{say("chart.tableHint", { count: rows.length })}</caption>
        <thead>
          <tr>
            <th scope="col">{say("chart.time")}</th>
            {pointers.map((pointer) => (
              <th key={pointer} scope="col">
                {toName(pointer)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.reverse().map(({ time, place }) => (
            <tr key={time}>
              <th scope="row">{formatTime(time * 1000)}</th>
              {pointers.map((pointer, at) => (
                <td key={pointer}>{toWords(columns[at]?.[place])}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function toName(pointer: string): string {
  return pointer === "" ? say("chart.value") : pointer.slice(1);
}

function toWords(value: number | null | undefined): string {
  return typeof value === "number" ? formatNumber(value, DIGITS_MAX) : "–";
}

function findEdge(values: readonly number[], choose: (one: number, other: number) => number) {
  return values.reduce((edge, value) => choose(edge, value));
}
