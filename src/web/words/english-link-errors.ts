// English words for why there is no connection to the broker, by the code of the catalogue. Beside
// them stands what the bridge itself says, with the names and reasons of this one broker.

export const englishLinkErrors = {
  broker_unresolvable: "The broker's name does not resolve.",
  broker_unresolvable_hint: "Check its spelling in --broker, and the DNS.",
  broker_refused: "Nothing listens at the broker's address.",
  broker_refused_hint: "Is it running, and is this its port? 1883 is plain MQTT, 8883 TLS.",
  broker_unreachable: "The broker cannot be reached.",
  broker_unreachable_hint: "Check the address, the network and the firewall in between.",
  broker_silent: "The broker accepted the connection, but did not answer.",
  broker_silent_hint: "Is this an MQTT port? TLS ports need mqtts://, WebSocket ports ws://.",
  broker_hung_up: "The broker closed the connection without a reason.",
  broker_hung_up_hint: "Its log knows: TLS on a plain port, an ACL, or a client id in use.",
  broker_garbled: "What the broker sent is not MQTT.",
  broker_garbled_hint: "Check the port: an HTTP or TLS port answers like this.",
  broker_disconnected: "The broker ended the connection.",
  broker_disconnected_hint: "The reason is its own; its log says more.",
  login_refused: "The broker refused the login.",
  login_refused_hint: "Check --username and --password.",
  client_id_refused: "The broker does not accept the client id.",
  client_id_refused_hint: "Choose another with --client-id: letters and digits, at most 23.",
  version_refused: "The broker does not speak this version of MQTT.",
  version_refused_hint: "Choose another with --mqtt-version.",
  session_taken_over: "Another client took over the session.",
  session_taken_over_hint: "Two share one client id: give each its own with --client-id.",
  tls_failed: "TLS with the broker failed.",
  tls_failed_hint: "A private CA needs --ca; the host name must be in the certificate.",
} as const;
