// What can be wrong with a message, or go wrong on its way. Part of the catalogue.

import type { ErrorKind } from "./error-kind.ts";

export const MESSAGE_ERRORS = {
  publish_timeout: {
    message: "no acknowledgement for '{topic}' within {timeoutMs} ms",
    hint: "the broker is away or slow; the message may still arrive. Try again later",
    httpStatus: 503,
  },
  outbox_full: {
    message: "{waiting} messages already wait for the broker, no more are taken",
    hint: "try again when the broker is back; the limit is --outbox-messages-max",
    httpStatus: 503,
  },
  publish_refused: {
    message: "the broker refused '{topic}': {reason}",
    hint: "check the topic and the rights of the bridge's login",
    httpStatus: 403,
  },
  publish_failed: {
    message: "the broker could not take '{topic}': {reason}",
    hint: "the broker's own log says why",
    httpStatus: 502,
  },
  topic_refused: {
    message: "the broker does not take the topic '{topic}': {reason}",
    hint: "publish to another topic; what the broker allows stands in its manual",
    httpStatus: 400,
  },
  payload_refused: {
    message: "the broker does not take the payload for '{topic}': {reason}",
    hint: "with payload_format_indicator 1 a payload must be UTF-8",
    httpStatus: 400,
  },
  publish_too_large: {
    message: "the message for '{topic}' is too large for the broker: {reason}",
    hint: "send less, or raise the broker's limit",
    httpStatus: 413,
  },
  quota_exceeded: {
    message: "the broker takes no more on '{topic}' now: {reason}",
    hint: "publish more slowly, or raise the broker's limit",
    httpStatus: 429,
  },
  identifier_taken: {
    message: "the broker takes '{topic}' for another message: {reason}",
    hint: "send it again; two clients with one client id can be the cause",
    httpStatus: 503,
  },
  message_invalid: {
    message: "the message for '{topic}' cannot be sent: {reason}",
    hint: "see MQTT 5 section 3.3.2.3 for what each property may be",
    httpStatus: 400,
    exitCode: 2,
  },
  payload_too_large: {
    message: "the payload has {bytes} bytes, at most {bytesMax} are allowed",
    hint: "send less, or raise --payload-bytes-max here and at the broker",
    httpStatus: 413,
  },
  packet_too_large: {
    message: "the message needs a packet of {bytes} bytes, the broker takes at most {bytesMax}",
    hint: "send less, or raise the broker's limit",
    httpStatus: 413,
  },
  qos_unsupported: {
    message: "the broker takes QoS {qosMax} at most, not {qos}",
    hint: "publish with QoS {qosMax}",
    httpStatus: 400,
  },
  retain_unsupported: {
    message: "the broker keeps no retained messages",
    hint: "publish without retain",
    httpStatus: 400,
  },
  topic_invalid: {
    message: "'{topic}' is no topic to publish to: {reason}",
    hint: "a topic is not empty, not too long, and has no +, # or control character",
    httpStatus: 400,
    exitCode: 2,
  },
  pattern_invalid: {
    message: "'{pattern}' is no topic pattern: {reason}",
    hint: "+ or {name} stand alone in a level; # or {name...} only at the end",
    exitCode: 2,
  },
  param_invalid: {
    message: "the value '{value}' cannot stand for {param} in '{pattern}': {reason}",
    hint: "a parameter is one level: not empty, without /, +, # and control characters",
    httpStatus: 400,
  },
  payload_invalid: {
    message: "the payload does not fit '{topic}': {reason}",
    hint: "send what the topic's schema asks for",
    httpStatus: 400,
  },
  handler_failed: {
    message: "the handler {handler} failed on '{topic}': {reason}",
    hint: "the log at level debug has the stack",
  },
  handler_timeout: {
    message: "the handler {handler} took longer than {timeoutMs} ms",
    hint: "give it more with its option timeout, or find out what it waits for",
  },
  handler_loop: {
    message: "'{topic}' is a loop: {reason}",
    hint: "a handler answers its own answers: set noLocal, or publish to another topic",
  },
  run_ended: {
    message: "the run of the handler {handler} has ended: it can not publish to '{topic}' any more",
    hint: "wait for what you publish before the handler returns, within its timeout",
  },
  request_timeout: {
    message: "no reply from '{topic}' within {timeoutMs} ms",
    hint: "is somebody answering there? Raise the timeout if the answer takes longer",
    httpStatus: 504,
    exitCode: 3,
  },
  nobody_listens: {
    message: "nobody subscribes to '{topic}', so no reply can come",
    hint: "start the one who answers, or check the topic; viaduto sub -v -t '#' shows all",
    httpStatus: 404,
  },
  request_unsupported: {
    message: "'{topic}' cannot be asked over MQTT {version}, which has no response topics",
    hint: "name the topic of the reply: topic(…, { reply: topic(…) })",
    httpStatus: 501,
  },
  requests_full: {
    message: "{waiting} requests wait for their reply already, no more are sent",
    hint: "try again later; the limit is --requests-max",
    httpStatus: 503,
  },
  expectation_failed: {
    message: "no message on '{filter}' within {withinMs} ms; seen: {seen}{state}",
    hint: "bridge.log and bridge.deadLetters tell what became of what was sent",
  },
  reply_invalid: {
    message: "the reply from '{topic}' does not fit: {reason}",
    hint: "the one who answers must send what the reply's schema asks for",
    httpStatus: 502,
  },
  handler_unknown: {
    message: "there is no handler {handler} any more",
    hint: "put its file back, or delete the dead letter",
    httpStatus: 409,
  },
  store_failed: {
    message: "{file} cannot be read or written: {reason}",
    hint: "is the disk full, or the file in use? A message that was not stored comes again",
    httpStatus: 503,
  },
  dead_letter_unknown: {
    message: "there is no dead letter {id}",
    hint: "GET /dead-letters lists those that are there",
    httpStatus: 404,
    exitCode: 2,
  },
} as const satisfies Record<string, ErrorKind>;
