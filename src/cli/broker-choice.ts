// Which broker a command line means, and how to talk to it: -L, or -h and -p, or the environment
// of the bridge, or localhost. Reads the PEM files; connects to nothing.

import { readFileSync } from "node:fs";
import { isIPv6 } from "node:net";
import {
  type BrokerAddress,
  DEFAULT_PORTS,
  maskBrokers,
  parseBrokerAddress,
  toUrlHost,
} from "../config/broker-address.ts";
import { addLogin, type Login, readBrokerPort, readBrokers } from "../config/broker-list.ts";
import { type Environment, readEnvironment } from "../config/environment.ts";
import { PORT_MAX } from "../config/option-kinds.ts";
import { parseOption } from "../config/option-value.ts";
import { getOption } from "../config/options.ts";
import { readPemFiles } from "../config/pem-file.ts";
import type { GivenValues } from "../config/source.ts";
import { ViadutoError } from "../lib/errors.ts";
import type { MqttVersion } from "../link/state.ts";
import { createTarget, type Target, type TlsOptions } from "../link/target.ts";
import { type Flags, toFlagInvalid } from "./flag-reading.ts";

export type BrokerChoice = {
  /** Tried in turn. */
  readonly targets: readonly Target[];
  /** Tried in turn at each target. */
  readonly versions: readonly MqttVersion[];
  readonly clientId: string;
  readonly keepaliveSeconds: number;
  /** MQTT 5 user property `token` of every publish. */
  readonly token: string | undefined;
  /** The topic in -L. */
  readonly topic: string | undefined;
};

type Place = { readonly addresses: readonly BrokerAddress[]; readonly topic?: string };

const TLS_FLAGS = ["cafile", "cert", "key", "insecure"] as const;
const TLS_PORT = 8883;
const KEEPALIVE_SECONDS = 60;
const KEEPALIVE_SECONDS_MAX = 65_535;
const HOST_ALLOWED = "a host name or an IP address (a URL goes with -L)";
const URL_ALLOWED =
  "mqtt(s)://[user[:password]@]host[:port][/topic] or ws(s)://[user[:password]@]host[:port][/path]";

/**
 * The broker that flags and environment mean. Throws `option_invalid`, `flags_conflict`,
 * `argument_missing` and `file_unreadable`.
 */
export function chooseBroker(flags: Flags, env: Environment): BrokerChoice {
  const isNamed = ["url", "host", "port"].some(flags.has);
  // A login of the environment is for the broker of the environment, and for no other.
  const given: GivenValues = isNamed ? new Map() : readEnvironment(env, process.cwd(), readText);
  const { addresses, topic } = findPlace(flags, given);
  const tls = readTls(flags, given);
  const login = readLogin(flags, given);
  return {
    targets: addresses.map((address) => {
      return createTarget(addLogin(address, login, "-u ana -P secret"), tls);
    }),
    versions: chooseVersions(flags, given),
    clientId: flags.text("id") ?? `viaduto-${flags.command}-${crypto.randomUUID().slice(0, 8)}`,
    keepaliveSeconds: flags.integer("keepalive", 0, KEEPALIVE_SECONDS_MAX) ?? KEEPALIVE_SECONDS,
    token: given.get("token")?.text,
    topic,
  };
}

function findPlace(flags: Flags, given: GivenValues): Place {
  const url = flags.text("url");
  const rival = ["host", "port"].find(flags.has);
  if (url !== undefined && rival) throw toConflict("--url", `--${rival}`, flags);
  const place = url === undefined ? { addresses: findHosts(flags, given) } : parseUrl(url);
  const plain = place.addresses.find(({ protocol }) => protocol === "mqtt" || protocol === "ws");
  const tlsFlag = TLS_FLAGS.find(flags.has);
  // To go on without TLS would show everybody what was meant to be secret.
  if (plain && tlsFlag) throw toConflict(`--${tlsFlag}`, `${plain.protocol}://`, flags);
  return place;
}

function findHosts(flags: Flags, given: GivenValues): readonly BrokerAddress[] {
  const brokers = readBrokers(given.get("broker"), given.get("mqttPort"), {});
  if (brokers.length > 0) return brokers;
  // Without a broker in the environment, MQTT_PORT is where the embedded one listens.
  const chosen = flags.integer("port", 1, PORT_MAX) ?? readBrokerPort(given.get("mqttPort"));
  const protocol = TLS_FLAGS.some(flags.has) || chosen === TLS_PORT ? "mqtts" : "mqtt";
  const port = chosen ?? DEFAULT_PORTS[protocol];
  const host = flags.text("host") ?? "localhost";
  const isName = isIPv6(host) || !/[/@:?#]/.test(host);
  const url = `${protocol}://${toUrlHost(host)}:${port}`;
  const address = isName ? parseBrokerAddress(url, () => port) : null;
  if (!address) throw toFlagInvalid("-h", maskBrokers(host), HOST_ALLOWED);
  return [address];
}

// mosquitto_pub takes the topic as it stands, without percent-decoding: so does this, and `#` and
// `?` belong to the topic too.
function parseUrl(url: string): Place {
  const [, server = url, topic] = /^(mqtts?:\/\/[^/]*)\/(.*)$/is.exec(url) ?? [];
  const address = url.includes("://") ? parseBrokerAddress(server, () => 0) : undefined;
  if (!address) throw toFlagInvalid("-L", maskBrokers(url), URL_ALLOWED);
  return { addresses: [address], ...(topic && { topic }) };
}

function readLogin(flags: Flags, given: GivenValues): Login {
  return {
    username: flags.text("username") ?? given.get("username")?.text,
    password: flags.text("pw") ?? given.get("password")?.text,
  };
}

function chooseVersions(flags: Flags, given: GivenValues): readonly MqttVersion[] {
  const option = getOption("mqttVersion");
  const text = flags.text("protocol-version");
  const source = { kind: "flag", name: "-V" } as const;
  const chosen = text === undefined ? given.get("mqttVersion") : { text, source };
  const version = chosen && (parseOption(option, chosen) as MqttVersion);
  // Properties are of MQTT 5: without them the message would not be the one that was asked for.
  if (flags.properties.length > 0) {
    if (chosen && version !== 5) {
      throw toConflict("-D", `${chosen.source.name} ${chosen.text}`, flags);
    }
    return [5];
  }
  if (version === undefined || (text === undefined && version === 5)) return [5, 4];
  return [version];
}

function readTls(flags: Flags, given: GivenValues): TlsOptions {
  const insecure = given.get("insecure");
  return {
    ...readPemFiles({
      ca: flags.text("cafile") ?? given.get("ca")?.text,
      cert: flags.text("cert") ?? given.get("cert")?.text,
      key: flags.text("key") ?? given.get("key")?.text,
    }),
    insecure:
      flags.has("insecure") ||
      (insecure !== undefined && parseOption(getOption("insecure"), insecure) === true),
  };
}

function readText(file: string): string {
  return readFileSync(file, "utf8");
}

function toConflict(one: string, other: string, { command }: Flags): ViadutoError {
  return new ViadutoError("flags_conflict", { one, other, command });
}
