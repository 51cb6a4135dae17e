// The picture of the chart: opened anew when its lines, the colours or the language change, and
// given its data with each message. What it shows stands in the table below it as well.

import { useEffect, useRef, useState } from "preact/hooks";
import { theme } from "../shell/theme.ts";
import { language } from "../words/reader-language.ts";
import { say } from "../words/words.ts";
import { type LineChart, type LineChartLook, openLineChart } from "./line-chart.ts";
import type { NumberSeries } from "./number-series.ts";

export type ChartCanvasProps = {
  readonly series: NumberSeries;
  readonly onPoint: (place: number | undefined) => void;
};

/** Colours of the lines, by the classes line-1 to line-6 of chart.css. */
export const LINE_COLOURS = 6;

export function ChartCanvas({ series, onPoint }: ChartCanvasProps) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<LineChart>(undefined);
  const isDark = useDarkSystem();
  const count = series.columns.length;
  const speaks = language.value;
  const look = theme.value;
  // The colours change with the theme and the system.
  useEffect(() => {
    if (!place.current) return;
    const opened = openLineChart(place.current, readLook(place.current, count, speaks), onPoint);
    opened.show(series);
    chart.current = opened;
    return () => opened.close();
  }, [count, speaks, look, isDark]);
  useEffect(() => chart.current?.show(series), [series]);
  return (
    <div ref={place} class="chart-canvas" role="img" aria-label={say("chart.label", { count })} />
  );
}

/** Whether the system is dark: a canvas does not follow it by itself. */
function useDarkSystem(): boolean {
  const [isDark, setDark] = useState(false);
  useEffect(() => {
    const query = matchMedia("(prefers-color-scheme: dark)");
    const follow = () => setDark(query.matches);
    follow();
    query.addEventListener("change", follow);
    return () => query.removeEventListener("change", follow);
  }, []);
  return isDark;
}

// A variable with light-dark() has its colour only where an element wears it.
function readLook(parent: HTMLElement, count: number, speaks: LineChartLook["language"]) {
  const probe = parent.appendChild(document.createElement("span"));
  const read = (name: string) => {
    probe.className = name;
    return getComputedStyle(probe).color;
  };
  const colours = Array.from({ length: count }, (_, at) => read(toLineClass(at)));
  const look = { language: speaks, colours, text: read("chart-text"), line: read("chart-grid") };
  probe.remove();
  return look;
}

export function toLineClass(at: number): string {
  return `line-${(at % LINE_COLOURS) + 1}`;
}
