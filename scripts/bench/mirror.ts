// No broker and no bridge: a server that speaks just enough MQTT to answer the load generator at
// once. What the generator reaches against it is what the generator itself can do. Started by
// contestants.ts with the port as its argument.

import {
  CONNECT,
  createPacketReader,
  encodePublish,
  PUBLISH,
  parsePublish,
  SUBSCRIBE,
} from "./mqtt-bytes.ts";

const CONNACK_BYTES = Buffer.from([0x20, 3, 0, 0, 0]);
const SUBACK_BYTES = Buffer.from([0x90, 4, 0, 1, 0, 1]);
const TOPIC = "devices/update/status/1000";

type Connection = { readonly read: (chunk: Buffer) => void };

function createConnection(socket: Bun.Socket<Connection>): Connection {
  let waiting: Buffer[] = [];
  const cut = createPacketReader((first, bytes, start, end) => {
    const type = first >> 4;
    if (type === CONNECT) waiting.push(CONNACK_BYTES);
    if (type === SUBSCRIBE) waiting.push(SUBACK_BYTES);
    if (type === PUBLISH) waiting.push(toAnswer(bytes, start, end));
  });
  return {
    read(chunk) {
      cut(chunk);
      const bytes = Buffer.concat(waiting);
      waiting = [];
      // Windows of a few hundred messages fit into any socket buffer, so this is never cut short.
      if (bytes.length > 0 && socket.write(bytes) < bytes.length) socket.terminate();
    },
  };
}

/** PUBACK, and the same payload sent back under the same packet identifier. */
function toAnswer(bytes: Buffer, start: number, end: number): Buffer {
  const { identifier, payloadStart } = parsePublish(bytes, start);
  const puback = Buffer.from([0x40, 2, identifier >> 8, identifier & 255]);
  const publish = encodePublish(TOPIC, bytes.toString("latin1", payloadStart, end));
  publish.bytes.writeUInt16BE(identifier, publish.at);
  return Buffer.concat([puback, publish.bytes]);
}

Bun.listen<Connection>({
  hostname: "127.0.0.1",
  port: Number(process.argv[2]),
  socket: {
    open(socket) {
      socket.setNoDelay(true);
      socket.data = createConnection(socket);
    },
    data: (socket, chunk) => socket.data.read(chunk),
  },
});
