// What the HTTP side answers on its own account. Part of the catalogue.

import type { ErrorKind } from "./error-kind.ts";

export const HTTP_ERRORS = {
  body_invalid: {
    message: "the request is not valid: {reason}",
    hint: "the body of POST /publish: topic, payload, qos?, retain?, properties?",
    httpStatus: 400,
  },
  value_unknown: {
    message: "no message was seen on '{topic}' yet",
    hint: "publish one first; the bridge keeps the last value of every topic that it sees",
    httpStatus: 404,
  },
  route_unknown: {
    message: "there is no {method} {path}",
    hint: "GET / lists what is there",
    httpStatus: 404,
  },
  method_not_allowed: {
    message: "{path} knows no {method}, only {allowed}",
    hint: "GET / lists what is there",
    httpStatus: 405,
  },
  client_unknown: {
    message: "no client '{id}' is connected",
    hint: "GET /clients lists who is; in the URL a / of an id is %2F, and a % is %25",
    httpStatus: 404,
  },
  not_embedded: {
    message: "this bridge is at an external broker, and does not know that one's clients",
    hint: "ask the broker itself; many count their clients below $SYS/broker/clients/",
    httpStatus: 404,
  },
  not_ready: {
    message: "not ready: {reason}",
    hint: "see the log; the bridge keeps trying",
    httpStatus: 503,
  },
  handlers_not_loaded: {
    message: "not ready, handlers are missing: {reasons}",
    hint: "correct the files; with --watch they are loaded again when they are saved",
    httpStatus: 503,
  },
  internal: {
    message: "something went wrong inside: {reason}",
    hint: "this is a defect of viaduto; please report it with the log",
    httpStatus: 500,
  },
} as const satisfies Record<string, ErrorKind>;
