// The JSON of GET /broker and /clients, as this page reads it: types alone.

type InAndOut = { readonly in: number; readonly out: number };

export type LimitJson = {
  readonly name: string;
  readonly value: number | string;
  readonly unit?: string;
  readonly used?: number;
  readonly is_per_client: boolean;
  readonly description: string;
};
export type EmbeddedJson = {
  readonly kind: "embedded";
  readonly version: string;
  readonly uptime_seconds: number;
  readonly listeners: readonly { readonly door: string; readonly address: string }[];
  readonly connections: number;
  readonly sessions: { readonly connected: number; readonly away: number };
  readonly subscriptions: number;
  readonly shared_subscriptions: number;
  readonly retained: { readonly messages: number; readonly payload_bytes: number };
  readonly queued: {
    readonly messages: number;
    readonly bytes: number;
    readonly inflight: number;
  };
  readonly messages: InAndOut;
  readonly bytes: InAndOut;
  readonly dropped: Readonly<Record<string, number>>;
  readonly refused: number;
  readonly limits: readonly LimitJson[];
};
export type CapabilitiesJson = {
  readonly receive_maximum: number;
  readonly packet_bytes_max?: number;
  readonly qos_max: number;
  readonly retain: boolean;
  readonly shared_subscriptions: boolean;
  readonly subscription_identifiers: boolean;
};
export type ExternalJson = {
  readonly kind: "external";
  readonly version: string;
  readonly broker: string;
  readonly state: "connecting" | "connected" | "waiting" | "closed";
  readonly since: string;
  readonly connections: number;
  readonly mqtt_version?: string;
  readonly session_present?: boolean;
  readonly capabilities?: CapabilitiesJson;
  readonly filters: readonly string[];
  readonly refused_filters: readonly string[];
  readonly last_error?: {
    readonly at: string;
    readonly code: string;
    readonly message: string;
    readonly hint: string;
  };
};
export type BrokerJson = EmbeddedJson | ExternalJson;

export type ClientJson = {
  readonly client_id: string;
  readonly username?: string;
  readonly address: string;
  readonly door: string;
  readonly version: string;
  readonly keepalive: number;
  readonly connected_at: string;
  readonly session_expiry: number;
  readonly subscription_count: number;
  readonly subscriptions: readonly string[];
  readonly queued: number;
  readonly inflight: number;
  readonly queued_bytes: number;
  readonly unread_bytes: number;
  readonly left_out: number;
};
export type ClientsJson = { readonly clients: readonly ClientJson[]; readonly total: number };
