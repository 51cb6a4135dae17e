// What HTTP's door answers to who may not come in, or brings what is too much. Part of the
// catalogue.

import type { ErrorKind } from "./error-kind.ts";

export const DOOR_ERRORS = {
  token_missing: {
    message: "this bridge asks for a token",
    hint: "send Authorization: Bearer <token>, or open /?token=<token> in the browser",
    httpStatus: 401,
  },
  token_wrong: {
    message: "the token is none of this bridge's",
    hint: "it is what --http-token (HTTP_TOKEN) or --http-tokens-file says at the bridge",
    httpStatus: 401,
  },
  tokens_guessed: {
    message: "too many wrong tokens came from this address",
    hint: "wait a minute; whoever has the right token is let in then",
    httpStatus: 429,
  },
  scope_missing: {
    message: "the token '{name}' may not do this: it lacks the scope '{scope}'",
    hint: "add a line '{scope}' below it in the file of --http-tokens-file, or use another token",
    httpStatus: 403,
  },
  topic_forbidden: {
    message: "the token '{name}' has no right to {scope} '{topic}'",
    hint: "its lines in the file of --http-tokens-file name the topics; ask for less, or add one",
    httpStatus: 403,
  },
  origin_refused: {
    message: "a page of another site tried to send a request",
    hint: "send it from this host's own page, from a program, or name the site in --cors-origins",
    httpStatus: 403,
  },
  host_refused: {
    message: "this bridge is not known by the name '{host}'",
    hint: "use its IP address or localhost, or add the name: --http-hosts <name> (HTTP_HOSTS)",
    httpStatus: 421,
  },
  requests_too_many: {
    message: "more than {max} requests in a second",
    hint: "slow down; --http-requests-per-second-max says how many one may send",
    httpStatus: 429,
  },
  url_too_long: {
    message: "the URL has {bytes} bytes, more than the {bytesMax} that it may have",
    hint: "send a long topic by POST /publish, or raise --url-bytes-max",
    httpStatus: 414,
  },
  json_too_deep: {
    message: "the JSON is nested more than {depthMax} levels deep",
    hint: "send it as text, or raise --json-depth-max",
    httpStatus: 400,
  },
  body_late: {
    message: "the body did not arrive within {timeoutMs} ms",
    hint: "send it faster or in parts, or raise --http-body-timeout",
    httpStatus: 408,
  },
  token_line_invalid: {
    message: "{file}:{line} is no line of a tokens file: {reason}",
    hint: "lines are token <name> <token|sha256:hex>; read, publish or deny, and a filter; admin",
    exitCode: 2,
  },
} as const satisfies Record<string, ErrorKind>;
