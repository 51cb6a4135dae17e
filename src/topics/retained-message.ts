// A retained message, as whoever keeps or reads it tells of it: the embedded broker's view, the
// link's reading from an external one, and HTTP. Data only.

import type { MessageProperties, QoS } from "./message.ts";

export type RetainedMessage = {
  readonly topic: string;
  /** Never empty: an empty one takes a retained message away [MQTT-3.3.1-6]. */
  readonly payload: Buffer;
  readonly qos: QoS;
  /** The expiry interval in it is what is left of it. */
  readonly properties?: MessageProperties | undefined;
};
