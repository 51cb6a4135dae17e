// The lines of the banner that a person copies into a shell to see something happen. Text only.

import type { App } from "../app.ts";
import type { BrokerAddress } from "../config/broker-address.ts";
import { isAnonymousAllowed } from "../config/reach.ts";
import type { Settings } from "../config/read.ts";
import { listAddresses } from "../lib/addresses.ts";
import { addOrigin } from "../link/origin.ts";
import { buildExampleMessage } from "./example-message.ts";
import { findRoomLogin } from "./reach-words.ts";

export type ExampleLines = {
  readonly subscribe: string;
  readonly publish: string;
  /** True when they are Mosquitto's tools, false when they are our own. */
  readonly isMosquitto: boolean;
};

/**
 * Lines that subscribe and publish at the broker; without any password, but for the room's own, and
 * that only where it may be shown.
 */
export function buildExampleLines(
  settings: Settings,
  app: App,
  showsPassword: boolean,
): ExampleLines {
  const handlers = app.dispatcher.workers.map(({ named }) => named.handler);
  const example = buildExampleMessage(handlers);
  const [topic, filter] = [example.topic, example.filter].map((name) => {
    return quote(addOrigin(settings.origin, name));
  });
  const [broker] = settings.brokers;
  const isMosquitto = !broker || isPlain(broker);
  const [sub, pub] = isMosquitto
    ? ["mosquitto_sub", "mosquitto_pub"]
    : ["viaduto sub", "viaduto pub"];
  const host = broker?.host ?? listAddresses(settings.host)[0];
  const port = broker?.port ?? app.listening?.mqttPort;
  const login = broker ? [] : listLogin(settings, app, showsPassword);
  const at = isMosquitto ? ["-h", host, "-p", String(port)] : listFlags(broker, settings);
  const place = [...at, ...login].map(quote).join(" ");
  return {
    subscribe: `${sub} ${place} -v -t ${filter}`,
    publish: `${pub} ${place} -t ${topic} -m ${quote(example.payload)}`,
    isMosquitto,
  };
}

// Whose password is a secret is told where to put it.
function listLogin(settings: Settings, app: App, showsPassword: boolean): string[] {
  const { username, password = "PASSWORD" } = findRoomLogin(settings, app) ?? {};
  if (username !== undefined) return ["-u", username, "-P", showsPassword ? password : "PASSWORD"];
  return isAnonymousAllowed(settings) ? [] : ["-u", "USER", "-P", "PASSWORD"];
}

function isPlain({ protocol, username, password }: BrokerAddress): boolean {
  return protocol === "mqtt" && username === undefined && password === undefined;
}

// Mosquitto's tools speak no WebSocket, and want other files for TLS. Of a path, the query may hold
// a secret.
function listFlags(broker: BrokerAddress, { ca, cert, key, insecure }: Settings): string[] {
  const { label, path, username } = broker;
  const url = label + (path === "/mqtt" ? "" : path.replace(/\?.*/s, ""));
  const isSecure = broker.protocol === "mqtts" || broker.protocol === "wss";
  const files = Object.entries({ "--cafile": ca, "--cert": cert, "--key": key });
  return [
    ...["-L", url],
    ...(username === undefined ? [] : ["-u", username]),
    ...files.flatMap(([flag, file]) => (file === undefined || !isSecure ? [] : [flag, file])),
    ...(insecure && isSecure ? ["--insecure"] : []),
  ];
}

/** A word as a shell reads it back. */
function quote(word: string): string {
  return /^[\w./:@=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
