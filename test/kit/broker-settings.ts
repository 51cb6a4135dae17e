// What the embedded broker is opened with in tests: free ports, and limits that few tests meet.

export const BROKER_SETTINGS = {
  host: "127.0.0.1",
  mqttPort: 0,
  wsPort: 0,
  packetBytesMax: 1 << 20,
  connectionsMax: 1_000,
  outputBytesMax: 8 << 20,
} as const;
