// The formats of texts that JSON Schema names, as far as a form can check them. Pure.

const DATE = String.raw`\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])`;
const TIME = String.raw`([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(z|[+-]\d{2}:?\d{2})`;

const FORMATS: Readonly<Record<string, RegExp>> = {
  date: new RegExp(`^${DATE}$`),
  time: new RegExp(`^${TIME}$`, "i"),
  "date-time": new RegExp(`^${DATE}[t ]${TIME}$`, "i"),
  email: /^[^\s@]+@[^\s@]+$/,
  hostname: /^(?!-)[a-z\d-]{1,63}(\.(?!-)[a-z\d-]{1,63})*$/i,
  ipv4: /^((25[0-5]|2[0-4]\d|1?\d?\d)(\.(?!$)|$)){4}$/,
  ipv6: /^[\da-f:.]*:[\da-f:.]*$/i,
  uri: /^[a-z][a-z\d+.-]*:\S+$/i,
  uuid: /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i,
};

/** What one of the format looks like, for who does not know it. */
export const FORMAT_EXAMPLES: Readonly<Record<string, string>> = {
  date: "2026-01-31",
  time: "12:00:00Z",
  "date-time": "2026-01-31T12:00:00Z",
  email: "ana@example.org",
  hostname: "lamp.example.org",
  ipv4: "192.168.0.10",
  ipv6: "fe80::1",
  uri: "https://example.org",
  uuid: "00000000-0000-4000-8000-000000000000",
};

/** Whether the text is of the format; of one that nobody knows here, any is. */
export function isOfFormat(text: string, format: string): boolean {
  return FORMATS[format]?.test(text) ?? true;
}
