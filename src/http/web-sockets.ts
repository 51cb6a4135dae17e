// The two WebSockets of one server, since Bun takes one set of handlers: MQTT at /mqtt, and the
// streams at /stream. Called by server.ts.

import type { WebSocketData } from "../broker/listen-websocket.ts";
import type { StreamSocketData, StreamSockets } from "./stream-socket.ts";

export type SocketData = WebSocketData | StreamSocketData;

type Handlers = Bun.WebSocketHandler<SocketData>;
type MqttSocket = Bun.ServerWebSocket<WebSocketData>;
type StreamSocket = Bun.ServerWebSocket<StreamSocketData>;

/** Handlers for both; without `mqtt` no other socket may be upgraded than those of streams. */
export function joinSocketHandlers(
  mqtt: Bun.WebSocketHandler<WebSocketData> | undefined,
  streamSockets: StreamSockets | undefined,
): Handlers {
  const streams = streamSockets?.handlers;
  const isStream = (socket: MqttSocket | StreamSocket): socket is StreamSocket => {
    return "isClosed" in socket.data;
  };
  return {
    ...(mqtt?.maxPayloadLength !== undefined && { maxPayloadLength: mqtt.maxPayloadLength }),
    open(socket: MqttSocket | StreamSocket) {
      if (isStream(socket)) streams?.open(socket);
      else mqtt?.open?.(socket);
    },
    message(socket: MqttSocket | StreamSocket, frame) {
      if (isStream(socket)) streams?.message(socket, frame);
      else mqtt?.message?.(socket, frame);
    },
    drain(socket: MqttSocket | StreamSocket) {
      if (isStream(socket)) streams?.drain(socket);
      else mqtt?.drain?.(socket);
    },
    close(socket: MqttSocket | StreamSocket, code, reason) {
      if (isStream(socket)) streams?.close(socket);
      else mqtt?.close?.(socket, code, reason);
    },
  };
}
