// JSON Schema's format "date-time" (RFC 3339 section 5.6).

const DATE_TIME =
  /^(\d{4})-(0[1-9]|1[0-2])-(\d\d)T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;

/** True for a date that exists, with a time and its offset; a leap second is a time. */
export function isDateTime(text: string): boolean {
  const [, year, month, day] = DATE_TIME.exec(text)?.map(Number) ?? [];
  if (year === undefined || month === undefined || day === undefined) return false;
  // The last day of a month is the day 0 of the next.
  return day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}
