// The one catalogue of errors: code → what happened, what to do now, and its number at every edge.
// Read by errors.ts alone; a `{name}` in a text is replaced by the fact of that name.

/** One entry of the catalogue. */
export type ErrorKind = {
  readonly message: string;
  readonly hint: string;
  /** HTTP status (RFC 9110) when it reaches a caller over HTTP; 500 when absent. */
  readonly httpStatus?: number;
  /** Process exit code: 1 failed (default), 2 used wrongly, 3 nothing arrived in time. */
  readonly exitCode?: number;
};

export const ERRORS = {
  // ── used wrongly: exit 2, nothing was started ──────────────────────────────────────────────
  command_unknown: {
    message: "there is no command '{given}'",
    hint: "did you mean '{nearest}'? All commands: viaduto --help",
    exitCode: 2,
  },
  flag_unknown: {
    message: "there is no flag '{given}'",
    hint: "did you mean '{nearest}'? All flags: viaduto {command} --help",
    exitCode: 2,
  },
  argument_unexpected: {
    message: "'{given}' was not expected here",
    hint: "see viaduto {command} --help",
    exitCode: 2,
  },
  argument_missing: {
    message: "{what} is missing",
    hint: "for example: {example}",
    exitCode: 2,
  },
  option_invalid: {
    message: "{name} is '{given}' (from {source}), but must be {allowed}",
    hint: "set {name} to {allowed}, or leave it out",
    exitCode: 2,
  },
  file_key_unknown: {
    message: "{file} has an unknown key '{given}'",
    hint: "did you mean '{nearest}'? All keys: viaduto config",
    exitCode: 2,
  },
  file_unreadable: {
    message: "{file} cannot be read: {reason}",
    hint: "check the path, its permissions and its syntax",
    exitCode: 2,
  },
  flags_conflict: {
    message: "{one} and {other} exclude each other",
    hint: "give only one of them; all flags: viaduto {command} --help",
    exitCode: 2,
  },
  listen_public_refused: {
    message: "refusing to listen on {host}: everyone who can reach it could publish and read",
    hint: "listen on 127.0.0.1, or accept the danger with --allow-anonymous",
    exitCode: 2,
  },

  // ── our own listeners ──────────────────────────────────────────────────────────────────────
  port_taken: {
    message: "port {port} on {host} is taken, so {what} cannot listen there",
    hint: "{remedy}",
    exitCode: 2,
  },
  address_unavailable: {
    message: "{what} cannot listen on {host}:{port}: {reason}",
    hint: "choose an address of this machine, and a port above 1023 when not root",
    exitCode: 2,
  },

  // ── towards the broker ─────────────────────────────────────────────────────────────────────
  broker_unresolvable: {
    message: "the broker's name {host} does not resolve",
    hint: "check its spelling (--broker, MQTT_BROKER, MQTT_URL; in pub and sub -h) and the DNS",
  },
  broker_refused: {
    message: "nothing listens at {broker}",
    hint: "is the broker running, and is this its port? 1883 is plain MQTT, 8883 TLS",
  },
  broker_unreachable: {
    message: "{broker} cannot be reached: {reason}",
    hint: "check the address, the network and the firewall in between",
  },
  broker_silent: {
    message: "{broker} accepted the connection but did not answer CONNECT",
    hint: "is this an MQTT port? TLS ports need mqtts:// and WebSocket ports ws://",
  },
  broker_hung_up: {
    message: "{broker} closed the connection without a reason",
    hint: "common causes: TLS on a plain port, an ACL, a client id in use; its log knows",
  },
  broker_garbled: {
    message: "{broker} sent something that is not MQTT: {reason}",
    hint: "check the port; an HTTP or TLS port answers like this",
  },
  broker_disconnected: {
    message: "{broker} ended the connection: {reason}",
    hint: "the reason is the broker's own (MQTT 5 section 4.13); its log says more",
  },
  login_refused: {
    message: "{broker} refused the login: {reason}",
    hint: "check --username and --password (MQTT_USERNAME, MQTT_PASSWORD; in pub and sub -u, -P)",
  },
  client_id_refused: {
    message: "{broker} does not accept the client id '{clientId}'",
    hint: "choose another with --client-id, in pub and sub -i (letters and digits, at most 23)",
  },
  version_refused: {
    message: "{broker} does not speak MQTT {version}",
    hint: "choose another with --mqtt-version, in pub and sub -V",
  },
  session_taken_over: {
    message: "another client took over the session '{clientId}'",
    hint: "two clients share one client id: give each its own with --client-id, in pub and sub -i",
  },
  tls_failed: {
    message: "TLS with {broker} failed: {reason}",
    hint: "a private CA: --ca, in pub and sub --cafile; the host name must be in the certificate",
  },
  subscribe_refused: {
    message: "{broker} refused the subscription to '{filter}': {reason}",
    hint: "this login may not read that topic: ask for the right, or change the topic",
  },
  link_closed: {
    message: "the bridge is stopping",
    hint: "send it again once the bridge is back",
    httpStatus: 503,
  },

  // ── publishing ─────────────────────────────────────────────────────────────────────────────
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
    httpStatus: 400,
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

  // ── topics and payloads ────────────────────────────────────────────────────────────────────
  topic_invalid: {
    message: "'{topic}' is no topic to publish to: {reason}",
    hint: "a topic is not empty, has no +, # or control character, and at most 65535 bytes",
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
    message: "the handler of '{topic}' failed: {reason}",
    hint: "the message is not tried again; the log at level debug has the stack",
  },

  // ── the command line's own ─────────────────────────────────────────────────────────────────
  arrival_timeout: {
    message: "{received} of {wanted} messages came within {seconds} s",
    hint: "is somebody publishing there? viaduto sub -v -t '#' shows every topic",
    exitCode: 3,
  },
  output_unwritable: {
    message: "the output cannot be written: {reason}",
    hint: "is the disk full?",
  },

  // ── HTTP ───────────────────────────────────────────────────────────────────────────────────
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
  origin_refused: {
    message: "a page of another site tried to send a request",
    hint: "send it from this host's own page, or from a program",
    httpStatus: 403,
  },
  not_ready: {
    message: "not connected to the broker: {reason}",
    hint: "see the log; the bridge keeps trying",
    httpStatus: 503,
  },
  internal: {
    message: "something went wrong inside: {reason}",
    hint: "this is a defect of viaduto; please report it with the log",
    httpStatus: 500,
  },
} as const satisfies Record<string, ErrorKind>;
