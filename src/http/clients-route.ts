// /clients: who is connected to the embedded broker, and the way to disconnect someone. It shows
// names that strangers chose, and never the bridge itself.

import { type Static, type TSchema, Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import type { ClientFacts } from "../broker/client-facts.ts";
import type { ClientList } from "../broker/client-list.ts";
import { ViadutoError } from "../lib/errors.ts";
import { escapeControl } from "../lib/log.ts";
import { type MqttVersion, VERSION_NAMES } from "../link/state.ts";
import { callerOf } from "./caller.ts";
import { readQuery } from "./query.ts";
import { looseQuery, problems, queryInteger, restOfPath } from "./route-schemas.ts";

const PATH = "/clients";
const LIMIT = 100;
const LIMIT_MAX = 10_000;
/** Filters of each client that the list shows; /clients/<id> has all. */
const LISTED_FILTERS_MAX = 20;

const optional = <S extends TSchema>(schema: S) => Type.Optional(schema);

const CLIENT = Type.Object({
  client_id: Type.String(),
  username: optional(Type.String()),
  address: Type.String({ description: "with the port" }),
  door: Type.String({ description: "tcp, websocket, tls or wss" }),
  version: Type.String({ description: "of MQTT: 5, 3.1.1 or 3.1" }),
  keepalive: Type.Integer({ description: "seconds, as it is enforced; 0 is none" }),
  connected_at: Type.String({ format: "date-time" }),
  session_expiry: Type.Integer({ description: "seconds for which its session outlives it" }),
  subscription_count: Type.Integer(),
  subscriptions: Type.Array(Type.String()),
  queued: Type.Integer({ description: "messages of QoS 1 and 2 that are not acknowledged" }),
  inflight: Type.Integer({ description: "those of them that were sent" }),
  queued_bytes: Type.Integer({ description: "of their payloads" }),
  unread_bytes: Type.Integer({ description: "sent, and not read by the client yet" }),
  left_out: Type.Integer({ description: "messages of QoS 0 that it was too slow for" }),
});
export type ClientJson = Static<typeof CLIENT>;

const ONE = restOfPath("id", "the client id; a / in it is %2F, and a % is %25", "sensor-99");

const LIST = {
  query: looseQuery({
    limit: queryInteger({
      description: "so many of them at most, those that came last",
      minimum: 1,
      maximum: LIMIT_MAX,
      default: LIMIT,
    }),
  }),
  detail: {
    operationId: "listClients",
    summary: "Who is connected to the embedded broker",
    description: `Who came last stands first; of each, ${LISTED_FILTERS_MAX} filters at most.`,
    tags: ["broker"],
  },
  response: {
    200: Type.Object({
      clients: Type.Array(CLIENT),
      total: Type.Integer({ description: "of all that are connected" }),
    }),
    ...problems("not_embedded", "query_invalid"),
  },
};
const SHOW = {
  params: ONE,
  detail: {
    operationId: "getClient",
    summary: "One client, with all its filters",
    description: "Who it is, what it has subscribed to, and what waits for it.",
    tags: ["broker"],
  },
  response: { 200: CLIENT, ...problems("client_unknown", "not_embedded") },
};
const DISCONNECT = {
  params: ONE,
  detail: {
    operationId: "disconnectClient",
    summary: "Disconnect a client",
    description: "It is told so over MQTT 5 (0x98, administrative action), and may come back.",
    tags: ["broker"],
  },
  response: {
    204: Type.Void({ description: "it is disconnected" }),
    ...problems("client_unknown", "not_embedded"),
  },
};

/**
 * GET /clients, GET and DELETE /clients/<id>. Answers `client_unknown`, `query_invalid`, and
 * `not_embedded` when there is no list.
 */
export function clientsRoute(list: ClientList | undefined) {
  return new Elysia()
    .get(PATH, ({ request }) => listClients(check(list, request), request), LIST)
    .get(
      `${PATH}/*`,
      ({ request }) => {
        const { client } = check(list, request);
        const id = readId(request);
        const facts = client(id);
        if (!facts) throw toUnknown(id);
        return toResponse(toClientJson(facts));
      },
      SHOW,
    )
    .delete(
      `${PATH}/*`,
      ({ request }) => {
        const { disconnect } = check(list, request);
        const id = readId(request);
        if (!disconnect(id)) throw toUnknown(id);
        return new Response(null, { status: 204 });
      },
      DISCONNECT,
    );
}

function check(list: ClientList | undefined, request: Request): ClientList {
  callerOf(request).check("admin"); // Who is there, and from where, is nobody else's business.
  if (!list) throw new ViadutoError("not_embedded");
  return list;
}

function listClients({ clients }: ClientList, request: Request): Response {
  const limit = readQuery(request, ["limit"]).integer("limit", 1, LIMIT_MAX) ?? LIMIT;
  const all = clients();
  const newest = all.slice(-limit).reverse();
  return toResponse({
    clients: newest.map((facts) => toClientJson(facts, LISTED_FILTERS_MAX)),
    total: all.length,
  });
}

// From the URL as it came: an id may have a slash, as %2F. `.` and `..` cannot be named by a URL,
// however they are written (RFC 3986 section 6.2.2.3): such a client is in the list alone.
function readId(request: Request): string {
  const written = new URL(request.url).pathname.slice(PATH.length + 1);
  try {
    return decodeURIComponent(written);
  } catch {
    throw toUnknown(written); // Its percent-encoding is broken: it is the id of nobody.
  }
}

function toUnknown(id: string): ViadutoError {
  return new ViadutoError("client_unknown", { id: escapeControl(id) });
}

function toClientJson(facts: ClientFacts, filtersMax = Number.POSITIVE_INFINITY): ClientJson {
  const { username, subscriptions } = facts;
  return {
    client_id: facts.id,
    ...(username !== undefined && { username }),
    address: facts.address,
    door: facts.door,
    version: VERSION_NAMES[facts.version as MqttVersion],
    keepalive: facts.keepaliveSeconds,
    connected_at: new Date(facts.connectedAtMs).toISOString(),
    session_expiry: facts.sessionExpirySeconds,
    subscription_count: subscriptions.length,
    subscriptions: subscriptions.slice(0, filtersMax),
    queued: facts.queuedCount,
    inflight: facts.inflightCount,
    queued_bytes: facts.queuedBytes,
    unread_bytes: facts.unreadBytes,
    left_out: facts.leftOutCount,
  };
}

// People read this in a terminal. JSON leaves some characters as they are that could turn a line
// around; as \u202e they are the same text for a program.
function toResponse(body: object): Response {
  const headers = { "Content-Type": "application/json" };
  return new Response(escapeControl(JSON.stringify(body)), { headers });
}
