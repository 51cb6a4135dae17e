// What can go wrong between the bridge and its broker. Part of the catalogue.

import type { ErrorKind } from "./error-kind.ts";

export const BROKER_ERRORS = {
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
    httpStatus: 403,
  },
  subscribe_silent: {
    message: "{broker} did not answer {packet}",
    hint: "the connection is made anew; if it goes on, the broker's log knows more",
  },
  will_refused: {
    message: "{broker} does not take the bridge's last will: {reason}",
    hint: "it is tried without what the broker lacks; --will off leaves the will out",
  },
  link_closed: {
    message: "the bridge is stopping",
    hint: "send it again once the bridge is back",
    httpStatus: 503,
  },
  group_unsupported: {
    message: "{broker} has no shared subscriptions, so --group cannot work",
    hint: "leave --group out, or use a broker that has them: the embedded one is such a broker",
  },
} as const satisfies Record<string, ErrorKind>;
