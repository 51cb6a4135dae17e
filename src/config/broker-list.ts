// The external brokers of the settings: the list that was given, with port and login in place.

import { ViadutoError } from "../lib/errors.ts";
import {
  type BrokerAddress,
  DEFAULT_PORTS,
  parseBrokerAddress,
  splitBrokers,
} from "./broker-address.ts";
import { PORT_MAX } from "./option-kinds.ts";
import { parseInteger } from "./option-value.ts";
import { getOption } from "./options.ts";
import { type Given, toOptionInvalid } from "./source.ts";

type Login = { readonly username?: string; readonly password?: string };

/**
 * The addresses in the order given; none for no list. A bare host name takes the port of
 * `mqttPort`, and each part of `login` goes before that part in a URL. Throws `option_invalid`.
 */
export function readBrokers(
  list: Given | undefined,
  mqttPort: Given | undefined,
  login: Login,
): readonly BrokerAddress[] {
  if (!list) return [];
  return splitBrokers(list.text).map((text) => {
    const address = parseBrokerAddress(text, () => readBarePort(mqttPort));
    if (!address) throw toOptionInvalid(getOption("broker"), list);
    const complete: BrokerAddress = {
      ...address,
      ...(login.username !== undefined && { username: login.username }),
      ...(login.password !== undefined && { password: login.password }),
    };
    // MQTT 3.1.1 has no such login [MQTT-3.1.2-22], and mqtt-packet can not encode it in MQTT 5.
    if (complete.password === undefined || complete.username !== undefined) return complete;
    const facts = { what: "the user name of the password", example: "--username ana" };
    throw new ViadutoError("argument_missing", facts);
  });
}

// Checked only where it is used: Kubernetes sets MQTT_PORT=tcp://10.0.0.1:1883 by itself for a
// service named "mqtt", which must not stop a bridge whose broker is a URL.
function readBarePort(given: Given | undefined): number {
  if (!given) return DEFAULT_PORTS.mqtt;
  const port = parseInteger(given.text, 1, PORT_MAX);
  if (port !== undefined) return port;
  const allowed = `a whole number from 1 to ${PORT_MAX}`;
  throw toOptionInvalid(getOption("mqttPort"), given, allowed);
}
