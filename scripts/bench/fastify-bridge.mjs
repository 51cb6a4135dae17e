// The HTTP benchmark's contestant on Node: Fastify and mqtt.js. Run in a folder that has both.
// Arguments: HTTP port, broker port.

import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.cwd(), "package.json"));
const fastify = require("fastify");
const mqtt = require("mqtt");

const [httpPort, mqttPort] = process.argv.slice(2).map(Number);
const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${mqttPort}`, { protocolVersion: 5 });
const app = fastify();
const body = {
  type: "object",
  required: ["topic", "payload"],
  properties: {
    topic: { type: "string" },
    payload: { type: "string" },
    qos: { type: "integer", minimum: 0, maximum: 2 },
    retain: { type: "boolean" },
  },
};
const response = { 200: { type: "object", properties: { id: { type: "string" } } } };
app.post("/publish", { schema: { body, response } }, async (request) => {
  const { topic, payload, qos = 0, retain = false } = request.body;
  await client.publishAsync(topic, payload, { qos, retain });
  return { id: crypto.randomUUID() };
});
await app.listen({ host: "127.0.0.1", port: httpPort });
