// The benchmark's yardstick: the main job in the fewest lines of mqtt.js, with its defaults, run by
// Bun. It checks nothing, and acknowledges before it has answered. Started by contestants.ts.

import { connect } from "mqtt";

const [url = "mqtt://127.0.0.1:1883"] = process.argv.slice(2);
const client = connect(url, { protocolVersion: 5 });

client.on("connect", () => client.subscribe("devices/update", { qos: 1 }));

client.on("message", (_topic, payload) => {
  const request = JSON.parse(payload.toString());
  const ticket = 1000 + Math.floor(Math.random() * 9000);
  const answer = {
    device_id: request.device_id,
    status: "received",
    request,
    timestamp: new Date().toISOString(),
  };
  client.publish(`devices/update/status/${ticket}`, JSON.stringify(answer), { qos: 1 });
});
