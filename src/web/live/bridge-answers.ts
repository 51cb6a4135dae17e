// The JSON that the bridge sends, as far as more than one page knows it: types alone. Its names are
// those of the routes (src/http), which are documented at /docs.

/** GET / with `Accept: application/json`. */
export type HomeJson = {
  readonly version: string;
  readonly broker: "embedded" | "external";
  /** What whoever asks may do. */
  readonly scopes: readonly Scope[];
  /** How somebody at another machine comes in; no addresses when nobody does. */
  readonly reach: {
    readonly addresses: readonly string[];
    readonly mqtt_port?: number;
    readonly token_asked: boolean;
  };
};
export type Scope = "read" | "publish" | "admin";

export type PropertiesJson = {
  readonly payload_format_indicator?: number;
  readonly message_expiry_interval?: number;
  readonly response_topic?: string;
  readonly correlation_data?: string;
  readonly correlation_data_encoding?: "base64";
  readonly content_type?: string;
  readonly user_properties?: Readonly<Record<string, string | readonly string[]>>;
};

/** A message as history and streams show it. `id` is in microseconds since 1970, and ordered. */
export type MessageJson = {
  readonly id: number;
  readonly at: string;
  readonly topic: string;
  readonly payload: string;
  readonly payload_encoding: "plain" | "base64";
  readonly payload_bytes: number;
  readonly payload_cut?: true;
  readonly qos: number;
  readonly retain: boolean;
  readonly properties?: PropertiesJson;
};

/** Events of the stream at /stream. */
export type StreamEvent =
  | (MessageJson & {
      readonly event: "message";
      /** It is the last value from before the stream began. */
      readonly initial?: true;
      /** So many messages of the topic stand behind it that were not sent: coalesced. */
      readonly replaced?: number;
    })
  | { readonly event: "missed"; readonly coalesced: number; readonly dropped: number }
  | {
      readonly event: "state";
      readonly state: "connected" | "away";
      readonly broker: string;
      readonly reason?: string;
    }
  | { readonly event: "subscribed"; readonly filters: readonly string[] }
  | { readonly event: "error"; readonly code: string; readonly detail: string };
export type StreamMessage = Extract<StreamEvent, { event: "message" }>;

/** GET /topics. */
export type TopicsJson = {
  readonly topics: readonly KnownTopicJson[];
  readonly total: number;
  readonly next?: string;
};
export type KnownTopicJson = {
  readonly topic: string;
  readonly at: string;
  readonly id: number;
  readonly messages: number;
  readonly payload_bytes: number;
  readonly qos: number;
  readonly retain: boolean;
};
