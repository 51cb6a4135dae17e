// Numbers, sizes, times and ages in the reader's language, by Intl.

import { language } from "./reader-language.ts";

const BYTES_PER_STEP = 1024;
const SIZE_UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;
const AGE_STEPS = [
  { unit: "second", seconds: 1, below: 60 },
  { unit: "minute", seconds: 60, below: 3_600 },
  { unit: "hour", seconds: 3_600, below: 86_400 },
  { unit: "day", seconds: 86_400, below: Number.POSITIVE_INFINITY },
] as const;

/** By language and options, of which there are few. */
const numberFormats = new Map<string, Intl.NumberFormat>();
const timeFormats = new Map<string, Intl.DateTimeFormat>();

export function formatNumber(value: number, digitsMax = 0): string {
  return numberFormat({ maximumFractionDigits: digitsMax }).format(value);
}

/** "1.2K", for narrow columns. */
export function formatShort(value: number): string {
  const short = { notation: "compact", maximumFractionDigits: 1 } as const;
  return numberFormat(short).format(value);
}

/** Per second: two digits that mean something. */
export function formatRate(perSecond: number): string {
  if (perSecond < 0.05) return "";
  const digits = perSecond < 10 ? 1 : 0;
  return `${formatNumber(perSecond, digits)}/s`;
}

/** Messages a second, in five characters. */
export function formatShortRate(perSecond: number): string {
  if (perSecond >= 10_000) return formatShort(perSecond);
  return formatNumber(perSecond, perSecond > 0 && perSecond < 10 ? 1 : 0);
}

export function formatBytes(bytes: number): string {
  let size = bytes;
  let step = 0;
  while (size >= BYTES_PER_STEP && step < SIZE_UNITS.length - 1) {
    size /= BYTES_PER_STEP;
    step += 1;
  }
  const unit = SIZE_UNITS[step] ?? "byte";
  return formatUnit(size, unit, size < 10 && step > 0 ? 1 : 0);
}

/** How long ago, in the largest unit that fits: "12s", "3m". */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const step = AGE_STEPS.find(({ below }) => seconds < below) ?? AGE_STEPS[0];
  return formatUnit(Math.floor(seconds / step.seconds), step.unit, 0);
}

/** The time of day with milliseconds; with its date when it is not of today. */
export function formatTime(ms: number, nowMs = Date.now()): string {
  const at = new Date(ms);
  const isToday = new Date(nowMs).toDateString() === at.toDateString();
  const time = { hour: "2-digit", minute: "2-digit", second: "2-digit" } as const;
  return timeFormat({
    ...(!isToday && { year: "numeric", month: "2-digit", day: "2-digit" }),
    ...time,
    fractionalSecondDigits: 3,
    hourCycle: "h23",
  }).format(at);
}

function timeFormat(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${language.value} ${JSON.stringify(options)}`;
  const kept = timeFormats.get(key) ?? new Intl.DateTimeFormat(language.value, options);
  timeFormats.set(key, kept);
  return kept;
}

function formatUnit(value: number, unit: string, digitsMax: number): string {
  const narrow = { style: "unit", unitDisplay: "narrow" } as const;
  return numberFormat({ ...narrow, unit, maximumFractionDigits: digitsMax }).format(value);
}

// To make one costs far more than to use it, and a list of topics uses dozens in each frame.
function numberFormat(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${language.value} ${JSON.stringify(options)}`;
  const kept = numberFormats.get(key) ?? new Intl.NumberFormat(language.value, options);
  numberFormats.set(key, kept);
  return kept;
}
