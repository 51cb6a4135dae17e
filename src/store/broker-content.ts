// What the broker's file holds, read as a whole when the broker starts. Used by broker-store.

import type { Database } from "bun:sqlite";
import type { QoS } from "../topics/message.ts";
import type { StoredMessage, StoredSubscription, StoredWill } from "./broker-store.ts";
import { parseProperties } from "./property-json.ts";

export type MessageFields = {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: QoS;
  readonly retain: boolean;
  /** As they go out: MQTT 5 section 2.2.2.2, without length. */
  readonly encodedProperties?: Buffer | undefined;
  /** Milliseconds since 1970; never when absent or infinite. */
  readonly expiresAtMs?: number | undefined;
  readonly publisherId?: string | undefined;
};
export type LoadedEntry<M> = {
  readonly publication: M;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly identifiers: readonly number[] | undefined;
  /** The filter of the shared subscription through which it came. */
  readonly shared: string | undefined;
  readonly isReleased: boolean;
  readonly isInMessage?: boolean;
};
type NumberedEntry<M> = readonly [number, LoadedEntry<M>];
export type LoadedSession<M> = {
  readonly key: number;
  readonly id: string;
  readonly username: string | undefined;
  readonly expirySeconds: number;
  readonly endsAtMs: number | undefined;
  readonly sentBefore: number;
  readonly subscriptions: readonly StoredSubscription[];
  readonly received: readonly number[];
  /** By number, in order. */
  readonly entries: readonly NumberedEntry<M>[];
};
export type BrokerContent<M> = {
  readonly sessions: readonly LoadedSession<M>[];
  readonly retained: readonly M[];
  readonly wills: readonly StoredWill[];
  readonly lastMessageId: number;
};

type MessageRow = {
  readonly id: number;
  readonly topic: string;
  readonly qos: QoS;
  readonly retain: number;
  readonly expires_at_ms: number | null;
  readonly publisher: string | null;
  readonly properties: Uint8Array | null;
  readonly payload: Uint8Array;
};
type SessionRow = {
  readonly key: number;
  readonly client_id: string;
  readonly username: string | null;
  readonly expiry_seconds: number;
  readonly ends_at_ms: number | null;
  readonly sent_before: number;
};
type SubscriptionRow = {
  readonly filter: string;
  readonly qos: QoS;
  readonly no_local: number;
  readonly retain_as_published: number;
  readonly retain_handling: number;
  readonly identifier: number | null;
};
type EntryColumns = {
  readonly number: number;
  readonly qos: QoS;
  readonly retain: number;
  readonly identifiers: string | null;
  readonly shared: string | null;
  readonly released: number;
};
type EntryRow = EntryColumns & { readonly message: number };
/** With the first queue it is in, unless that one has it no more. */
type QueuedRow = MessageRow &
  EntryColumns & {
    readonly session: number | null;
    readonly entry_qos: QoS;
    readonly entry_retain: number;
  };
type WillRow = Omit<MessageRow, "id" | "publisher" | "expires_at_ms" | "properties"> & {
  readonly properties: string | null;
  readonly client_id: string;
  readonly delay_seconds: number;
};
type Create<M> = (fields: MessageFields) => M;

export function loadContent<M extends StoredMessage>(
  db: Database,
  create: Create<M>,
): BrokerContent<M> {
  const messages = new Map<number, M>();
  const firsts = new Map<number, NumberedEntry<M>[]>();
  for (const row of db.query<QueuedRow, []>("SELECT * FROM messages").iterate()) {
    const message = Object.assign(create(toFields(row)), { storeId: row.id });
    messages.set(row.id, message);
    if (row.session === null) continue;
    message.storeReferences += 1;
    const entry = { ...toEntry(row, message), qos: row.entry_qos, retain: row.entry_retain !== 0 };
    const list = firsts.getOrInsertComputed(row.session, () => []);
    list.push([row.number, { ...entry, isInMessage: true }]);
  }
  const rows = db.query<SessionRow, []>("SELECT * FROM sessions ORDER BY key").all();
  const retained = db.query<MessageRow, []>("SELECT 1 AS retain, * FROM retained").all();
  return {
    sessions: rows.map((row) => {
      const entries = [...(firsts.get(row.key) ?? []), ...loadEntries(db, row.key, messages)];
      return toSession(
        db,
        row,
        entries.toSorted(([one], [other]) => one - other),
      );
    }),
    retained: retained.map((row) => create(toFields(row))),
    wills: db.query<WillRow, []>("SELECT * FROM wills").all().map(toWill),
    lastMessageId: Math.max(0, ...[...messages.keys()].slice(-1)),
  };
}

/** Of a session's entries those that do not stand in their message's row. */
function loadEntries<M extends StoredMessage>(
  db: Database,
  key: number,
  messages: ReadonlyMap<number, M>,
): NumberedEntry<M>[] {
  const queue = db.query<EntryRow, [number]>("SELECT * FROM queue WHERE session = ?");
  return queue.all(key).flatMap((row) => {
    const publication = messages.get(row.message);
    if (!publication) return [];
    publication.storeReferences += 1;
    return [[row.number, toEntry(row, publication)] as const];
  });
}

function toSession<M>(
  db: Database,
  row: SessionRow,
  entries: readonly NumberedEntry<M>[],
): LoadedSession<M> {
  const subscriptions = db.query<SubscriptionRow, [number]>(
    "SELECT * FROM subscriptions WHERE session = ?",
  );
  const received = db.query<{ identifier: number }, [number]>(
    "SELECT identifier FROM received WHERE session = ?",
  );
  return {
    key: row.key,
    id: row.client_id,
    username: row.username ?? undefined,
    expirySeconds: row.expiry_seconds,
    endsAtMs: row.ends_at_ms ?? undefined,
    sentBefore: row.sent_before,
    subscriptions: subscriptions.all(row.key).map(toSubscription),
    received: received.all(row.key).map(({ identifier }) => identifier),
    entries,
  };
}

function toEntry<M>(row: EntryColumns, publication: M): LoadedEntry<M> {
  return {
    publication,
    qos: row.qos,
    retain: row.retain !== 0,
    identifiers: row.identifiers === null ? undefined : JSON.parse(row.identifiers),
    shared: row.shared ?? undefined,
    isReleased: row.released !== 0,
  };
}

function toSubscription(row: SubscriptionRow): StoredSubscription {
  return {
    filter: row.filter,
    qos: row.qos,
    noLocal: row.no_local !== 0,
    retainAsPublished: row.retain_as_published !== 0,
    retainHandling: row.retain_handling,
    identifier: row.identifier ?? undefined,
  };
}

function toFields(row: Omit<MessageRow, "id">): MessageFields {
  const { properties } = row;
  return {
    ...toCommonFields(row),
    encodedProperties: properties === null ? undefined : toBuffer(properties),
    expiresAtMs: row.expires_at_ms ?? undefined,
    publisherId: row.publisher ?? undefined,
  };
}

function toWill(row: WillRow): StoredWill {
  const { client_id: clientId, delay_seconds: delaySeconds, properties } = row;
  return {
    ...toCommonFields(row),
    clientId,
    delaySeconds,
    properties: properties === null ? undefined : parseProperties(properties),
  };
}

function toCommonFields(row: Pick<MessageRow, "topic" | "qos" | "retain" | "payload">) {
  const { topic, qos, retain, payload } = row;
  return { topic, qos, retain: retain !== 0, payload: toBuffer(payload) };
}

function toBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
