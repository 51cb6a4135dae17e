// The options of HTTP's door: who may come in, by which names, from which pages, and how much at a
// time. Part of the schema.

import { limit, optionalText } from "./option-kinds.ts";

const HTTP = { group: "HTTP" } as const;
const LIST_WITH_COMMAS = "with commas between them";

export const DOOR_OPTIONS = {
  httpTokensFile: optionalText({
    ...HTTP,
    description:
      "file with several bearer tokens, each with a name, and with what it may do to which topics",
    placeholder: "file",
    environment: ["HTTP_TOKENS_FILE"],
    defaultText: "none: --http-token may do everything",
  }),
  httpHosts: optionalText({
    ...HTTP,
    description:
      "names by which HTTP may be asked, beside localhost and IP addresses, " +
      `${LIST_WITH_COMMAS}; * is any. Asked for on loopback, with --lan, and when it is set`,
    placeholder: "names",
    environment: ["HTTP_HOSTS"],
    pattern: "^(\\*|[A-Za-z0-9_.-]+( *, *[A-Za-z0-9_.-]+)*)$",
    allowed: "host names without ports, such as bridge.example, or *",
    defaultText: "none, or any where it listens for others without --lan",
    danger: "with *, a page of any site can read what needs no token (DNS rebinding)",
  }),
  corsOrigins: optionalText({
    ...HTTP,
    description:
      "origins whose pages may use the routes, by a token in the Authorization header, " +
      `${LIST_WITH_COMMAS}`,
    placeholder: "origins",
    environment: ["CORS_ORIGINS"],
    pattern: "^https?://[^/, ]+( *, *https?://[^/, ]+)*$",
    allowed: "origins such as https://app.example, without a path",
    defaultText: "none: pages of other sites change nothing and read nothing",
    danger: "without a token, those pages may do everything",
  }),
  // Off, since a number that is right for nobody in particular stops somebody's bulk load; it is
  // for who gives tokens to others.
  httpRequestsPerSecondMax: limit(
    "requests of one token, or of one address where no token is asked for, in a second; 0: any",
    { default: 0, minimum: 0, maximum: 1_000_000 },
  ),
  httpBodyTimeoutMs: limit("how long the body of a request may take to arrive", {
    unit: "milliseconds",
    default: 60_000,
    maximum: 3_600_000,
  }),
  urlBytesMax: limit("longest URL; a longer topic goes by POST /publish", {
    unit: "bytes",
    default: 8_192,
    maximum: 16_384,
  }),
  jsonDepthMax: limit("how deep arrays and objects of a JSON body may be nested", {
    default: 100,
    maximum: 1_000,
  }),
} as const;

/** The names of a list with commas; none when it is absent. */
export function splitList(text: string | undefined): readonly string[] {
  return text === undefined ? [] : text.toLowerCase().split(/ *, */);
}
