// The banner: what is running, where, who can reach it, and a line to copy that makes something
// happen. Text only.

import type { App } from "../app.ts";
import { toUrlHost } from "../config/broker-address.ts";
import { isLoopback } from "../config/loopback.ts";
import type { Settings } from "../config/read.ts";
import { count } from "../lib/count.ts";
import { VERSION } from "../lib/version.ts";
import { addOrigin } from "../link/origin.ts";
import { buildExampleLines } from "./example-lines.ts";

const TOPICS_SHOWN = 6;

/** Lines for a person. */
export function buildBanner(settings: Settings, app: App): string {
  const host = toUrlHost(settings.host);
  const rows: [string, string][] = [];
  if (app.listening) {
    const { mqttPort, wsPort } = app.listening;
    rows.push(["MQTT", `mqtt://${host}:${mqttPort}  (embedded broker, MQTT 5, 3.1.1, 3.1)`]);
    const doors = [...(wsPort === undefined ? [] : [wsPort]), app.httpPort];
    rows.push(["WebSocket", doors.map((port) => `ws://${host}:${port}/mqtt`).join("  ")]);
  } else {
    rows.push(["Broker", settings.brokers.map(({ label }) => label).join(", ")]);
  }
  rows.push(["HTTP", `http://${host}:${app.httpPort}`]);
  rows.push(["Reach", describeReach(settings)]);
  rows.push(["Handlers", describeHandlers(settings, app)]);
  rows.push(["Kept", describeKept(settings, app)]);
  const lines = rows.map(([name, text]) => `  ${name.padEnd(11)}${text}`);
  return ["", `viaduto ${VERSION}`, "", ...lines, "", ...buildExample(settings, app), ""].join(
    "\n",
  );
}

/** The same for machines. */
export function describeApp(settings: Settings, app: App): Record<string, unknown> {
  return {
    version: VERSION,
    http: `http://${toUrlHost(settings.host)}:${app.httpPort}`,
    broker: settings.brokers.map(({ label }) => label).join(",") || "embedded",
    ...(app.listening && { mqtt_port: app.listening.mqttPort, ws_port: app.listening.wsPort }),
    reach: describeReach(settings),
    handlers: listTopics(settings, app),
    try: buildExampleLines(settings, app).publish,
  };
}

// By the address, not by --allow-anonymous, which changes nothing on loopback.
function describeReach({ host }: Settings): string {
  return isLoopback(host) ? "this machine only" : `everyone who reaches ${host}, no login`;
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

function describeKept({ data }: Settings, { listening }: App): string {
  const letters = data === ":memory:" ? "nothing" : `dead letters, in ${data}`;
  return listening ? `${letters}; the broker forgets its messages when it stops` : letters;
}

function buildExample(settings: Settings, app: App): string[] {
  const { subscribe, publish, isMosquitto } = buildExampleLines(settings, app);
  return [
    "  Try it, in another terminal:",
    `    ${subscribe} &`,
    `    ${publish}`,
    ...(isMosquitto
      ? ["  Without Mosquitto's tools: viaduto sub, viaduto pub, with the same letters."]
      : []),
  ];
}
