// A message, the one shape in which it travels through every layer. Data only.

export type QoS = 0 | 1 | 2;

/** MQTT 5 properties of a PUBLISH (section 3.3.2.3) that an application may set or read. */
export type MessageProperties = {
  readonly payloadFormatIndicator?: boolean;
  /** Seconds, 0 to 4294967295. */
  readonly messageExpiryInterval?: number;
  readonly responseTopic?: string;
  readonly correlationData?: Buffer;
  /** MIME type, by convention. */
  readonly contentType?: string;
  /** A name may stand several times: then its value is a list. */
  readonly userProperties?: Readonly<Record<string, string | string[]>>;
};

/** A message on its way to the broker. */
export type OutgoingMessage = {
  /** Without the origin. */
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly properties?: MessageProperties;
  /**
   * The user properties once more, name and value, in the order in which they are to be sent: the
   * object in `properties` has lost it where a name stands twice or is a number. Never of a message
   * that came in.
   */
  readonly userPairs?: readonly UserPair[] | undefined;
};

/** One MQTT 5 user property. */
export type UserPair = readonly [name: string, value: string];

/** A message that came from the broker. */
export type Message = OutgoingMessage & {
  /** True when the broker had tried to deliver it before (DUP). */
  readonly duplicate: boolean;
  /** When it reached this process, milliseconds since 1970. */
  readonly receivedAtMs: number;
};

/** What the broker said of a publish. `reasonCode` 0x10 means that nobody subscribes. */
export type PublishResult = { readonly reasonCode: number };

/** PUBACK and PUBREC reason code "No matching subscribers" (MQTT 5 section 3.4.2.1). */
export const NO_MATCHING_SUBSCRIBERS = 0x10;
