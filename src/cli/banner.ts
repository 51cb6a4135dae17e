// The banner: what is running, where, who can reach it, and a line to copy that makes something
// happen. Text only.

import type { App } from "../app.ts";
import { toUrlHost } from "../config/broker-address.ts";
import type { Settings } from "../config/read.ts";
import { listAddresses } from "../lib/addresses.ts";
import { count } from "../lib/count.ts";
import { VERSION } from "../lib/version.ts";
import { addOrigin } from "../link/origin.ts";
import { buildExampleLines } from "./example-lines.ts";
import { describeKept } from "./kept-words.ts";
import { formatQrCode } from "./qr-code.ts";
import { describeReach, findRoomLogin, toPageUrl } from "./reach-words.ts";

/** The terminal that shows the banner; without one there is no QR code. */
export type Terminal = { readonly columns: number };
type Row = readonly [name: string, text: string];

const TOPICS_SHOWN = 6;

/** Lines for a person. */
export function buildBanner(settings: Settings, app: App, terminal?: Terminal): string {
  const rows: Row[] = [
    ...listDoors(settings, app),
    ...listRoom(settings, app),
    ["Reach", describeReach(settings)],
    ["Handlers", describeHandlers(settings, app)],
    ["Kept", describeKept(settings)],
  ];
  const lines = rows.map(([name, text]) => `  ${name.padEnd(11)}${text}`);
  const code = buildCode(settings, app, terminal);
  return [
    "",
    `viaduto ${VERSION}`,
    "",
    ...lines,
    "",
    ...code,
    ...buildExample(settings, app),
    "",
  ].join("\n");
}

/** The same for machines. What the room's login is, is told when it was made, and then no more. */
export function describeApp(settings: Settings, app: App): Record<string, unknown> {
  const { listening } = app;
  const [host, ...others] = listAddresses(settings.host);
  const login = findRoomLogin(settings, app);
  return {
    version: VERSION,
    http: `http://${toUrlHost(host)}:${app.httpPort}`,
    broker: settings.brokers.map(({ label }) => label).join(",") || "embedded",
    ...(listening && { mqtt_port: listening.mqttPort, ws_port: listening.wsPort }),
    ...(listening?.tlsPort !== undefined && { tls_port: listening.tlsPort }),
    ...(listening?.wssPort !== undefined && { wss_port: listening.wssPort }),
    ...(others.length > 0 && { addresses: [host, ...others] }),
    ...(login?.username !== undefined && { username: login.username }),
    ...(login?.isNew && { password: login.password, http_token: login.httpToken }),
    reach: describeReach(settings),
    kept: describeKept(settings),
    handlers: listTopics(settings, app),
    try: buildExampleLines(settings, app, login?.isNew === true).publish,
  };
}

function listDoors(settings: Settings, { listening, httpPort }: App): Row[] {
  const [address] = listAddresses(settings.host);
  const host = toUrlHost(address);
  const http: Row = ["HTTP", `http://${host}:${httpPort}`];
  if (!listening) {
    return [["Broker", settings.brokers.map(({ label }) => label).join(", ")], http];
  }
  const { mqttPort, wsPort, tlsPort, wssPort } = listening;
  const webSockets = [...(wsPort === undefined ? [] : [wsPort]), httpPort];
  const secure = [
    ...(tlsPort === undefined ? [] : [`mqtts://${host}:${tlsPort}`]),
    ...(wssPort === undefined ? [] : [`wss://${host}:${wssPort}/mqtt`]),
  ];
  return [
    ["MQTT", `mqtt://${host}:${mqttPort}  (embedded broker, MQTT 5, 3.1.1, 3.1)`],
    ["WebSocket", webSockets.map((port) => `ws://${host}:${port}/mqtt`).join("  ")],
    ...(secure.length > 0 ? [["TLS", secure.join("  ")] as const] : []),
    http,
  ];
}

/** What someone in the room must know; nothing without `--lan`. */
function listRoom(settings: Settings, app: App): Row[] {
  const [, ...others] = listAddresses(settings.host);
  const login = findRoomLogin(settings, app);
  const page = toPageUrl(settings, app);
  return [
    ...(others.length > 0 ? [["Also at", others.join(", ")] as const] : []),
    ...(login?.username === undefined
      ? []
      : [["Login", `user ${login.username}, password ${login.password}`] as const]),
    ...(page === undefined ? [] : [["Browser", page] as const]),
  ];
}

function buildCode(settings: Settings, app: App, terminal: Terminal | undefined): string[] {
  const page = toPageUrl(settings, app);
  if (!terminal || page === undefined) return [];
  const code = formatQrCode(page, terminal.columns);
  return code ? ["  The explorer, on a phone in this network:", ...code, ""] : [];
}

function listTopics({ origin }: Settings, { dispatcher }: App): string[] {
  return dispatcher.workers.map(({ named }) => {
    return addOrigin(origin, named.handler.topic.pattern.text);
  });
}

function describeHandlers(settings: Settings, app: App): string {
  const topics = listTopics(settings, app);
  const shown = topics.slice(0, TOPICS_SHOWN).join(", ") || "none";
  const more = topics.length > TOPICS_SHOWN ? `, and ${topics.length - TOPICS_SHOWN} more` : "";
  const failed = app.failures().length;
  const told = `  (${count(failed, "file")} could not be loaded: viaduto check)`;
  return `${shown}${more}${failed > 0 ? told : ""}`;
}

function buildExample(settings: Settings, app: App): string[] {
  const { subscribe, publish, isMosquitto } = buildExampleLines(settings, app, true);
  return [
    "  Try it, in another terminal:",
    `    ${subscribe} &`,
    `    ${publish}`,
    ...(isMosquitto
      ? ["  Without Mosquitto's tools: viaduto sub, viaduto pub, with the same letters."]
      : []),
  ];
}
