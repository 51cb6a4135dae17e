// A bridge at either kind of broker, for tests of what the broker retains: the same steps with the
// embedded broker, with Mosquitto over MQTT 5, and with Mosquitto over MQTT 3.1.1.

import { type Bridge, startBridge } from "./bridge.ts";
import { type BrokerProcess, startMosquitto } from "./brokers.ts";
import { connectDevice, type Device } from "./device.ts";

export type RetainedBridge = AsyncDisposable & {
  readonly bridge: Bridge;
  /** A client of the same broker. */
  readonly device: Device;
  /** Asks for what is below /retained, as written. */
  ask(query: string, init?: RequestInit): Promise<Response>;
};

export const PLACES = [
  ["the embedded broker", [], []],
  ["Mosquitto", ["mosquitto"], []],
  ["Mosquitto over MQTT 3.1.1", ["mosquitto"], ["--mqtt-version", "4"]],
] as const;

export async function startRetainedBridge(
  needs: readonly string[],
  flags: readonly string[],
): Promise<RetainedBridge> {
  await using stack = new AsyncDisposableStack();
  const broker: BrokerProcess | undefined =
    needs.length > 0 ? stack.use(await startMosquitto()) : undefined;
  const place = broker ? ["--broker", `mqtt://127.0.0.1:${broker.port}`] : [];
  const bridge = stack.use(await startBridge({ flags: [...place, ...flags] }));
  await bridge.app.link.connected();
  const device = stack.use(await connectDevice(broker?.port ?? bridge.mqttPort));
  const owned = stack.move();
  return {
    bridge,
    device,
    ask: (query, init = {}) => fetch(`${bridge.url}/retained${query}`, init),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
