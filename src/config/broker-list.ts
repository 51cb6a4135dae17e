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

/** What stands in for the login of an address, part by part. */
export type Login = {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
};

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
    const address = parseBrokerAddress(text, () => readBrokerPort(mqttPort) ?? DEFAULT_PORTS.mqtt);
    if (!address) throw toOptionInvalid(getOption("broker"), list);
    return addLogin(address, login, "--username ana");
  });
}

/**
 * The address with each part of the login in place of its own. Throws `argument_missing` for a
 * password without a user name; `example` is a flag that would help.
 */
export function addLogin(address: BrokerAddress, login: Login, example: string): BrokerAddress {
  const complete: BrokerAddress = {
    ...address,
    ...(login.username !== undefined && { username: login.username }),
    ...(login.password !== undefined && { password: login.password }),
  };
  // MQTT 3.1.1 has no such login [MQTT-3.1.2-22], and mqtt-packet cannot encode it in MQTT 5.
  if (complete.password === undefined || complete.username !== undefined) return complete;
  const facts = { what: "the user name of the password", example };
  throw new ViadutoError("argument_missing", facts);
}

/**
 * The port of a broker whose address names none, if one was given. Throws `option_invalid`.
 *
 * Asked only where it is used: Kubernetes sets MQTT_PORT=tcp://10.0.0.1:1883 by itself for a
 * service named "mqtt", which must not stop a bridge whose broker is a URL.
 */
export function readBrokerPort(given: Given | undefined): number | undefined {
  if (!given) return undefined;
  const port = parseInteger(given.text, 1, PORT_MAX);
  if (port !== undefined) return port;
  const allowed = `a whole number from 1 to ${PORT_MAX}`;
  throw toOptionInvalid(getOption("mqttPort"), given, allowed);
}
