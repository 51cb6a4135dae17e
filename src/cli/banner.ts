// The banner: what is running, where, who can reach it, and a line to copy that makes something
// happen. Text only.

import type { App } from "../app.ts";
import type { Settings } from "../config/read.ts";
import { VERSION } from "../lib/version.ts";
import { addOrigin } from "../link/origin.ts";

/** Lines for a person. */
export function buildBanner(settings: Settings, app: App): string {
  const { host, origin } = settings;
  const isLocal = !settings.allowAnonymous;
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
  rows.push(["Reach", isLocal ? "this machine only" : `everyone who reaches ${host}, no login`]);
  const topics = app.handlers.map(({ topic }) => addOrigin(origin, topic.pattern.text));
  rows.push(["Handlers", topics.join(", ")]);
  if (app.listening) rows.push(["Kept", "nothing: messages are forgotten when it stops"]);
  const lines = rows.map(([name, text]) => `  ${name.padEnd(11)}${text}`);
  return ["", `viaduto ${VERSION}`, "", ...lines, "", ...buildExample(settings, app), ""].join(
    "\n",
  );
}

/** The same for machines. */
export function describeApp(settings: Settings, app: App): Record<string, unknown> {
  return {
    version: VERSION,
    http: `http://${settings.host}:${app.httpPort}`,
    broker: settings.brokers.map(({ label }) => label).join(",") || "embedded",
    ...(app.listening && { mqtt_port: app.listening.mqttPort, ws_port: app.listening.wsPort }),
    handlers: app.handlers.map(({ topic }) => addOrigin(settings.origin, topic.pattern.text)),
  };
}

function buildExample(settings: Settings, app: App): string[] {
  const [address] = settings.brokers;
  const host = address?.host ?? settings.host;
  const port = address?.port ?? app.listening?.mqttPort;
  const topic = addOrigin(settings.origin, "devices/update");
  const at = `-h ${host} -p ${port}`;
  return [
    "  Try it, in another terminal:",
    `    mosquitto_sub ${at} -v -t '${topic}/status/#' &`,
    `    mosquitto_pub ${at} -t ${topic} -m '{"device_id":"sensor-99","version":"1.0"}'`,
    "  Without Mosquitto's tools: viaduto sub, viaduto pub, with the same letters.",
  ];
}
