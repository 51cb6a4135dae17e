// What a CONNECT is asked before it is accepted: the login, and whether its will may be published.
// Called by engine.ts, as aedes' own hooks.

import type { Client, ConnectPacket } from "aedes";
import type { Access, LoginResult } from "../access/access.ts";
import { quote } from "../lib/quotation.ts";
import type { AedesClient } from "./aedes-client.ts";
import type { ConnectFacts, Connection } from "./client-connection.ts";
import { mayPublish } from "./publishing.ts";
import type { Sessions } from "./sessions.ts";

type Refusal = Error & { readonly returnCode: 4 | 5 };
type Done = (error: Refusal | null, isLetIn: boolean | null) => void;

/** CONNACK return codes of MQTT 3.1.1, which aedes turns into 0x86 and 0x87 for MQTT 5. */
const BAD_LOGIN = 4 as const;
const NOT_AUTHORIZED = 5 as const;
/** A keep alive without an end. */
const NO_CEILING = 65_535;
/** Receive Maximum of a client that says none (section 3.1.2.11.3), and largest packet. */
const RECEIVE_MAX = 65_535;

/** Notes what CONNECT says and aedes does not keep; sets the Server Keep Alive. */
export function createPreConnect(keepaliveSecondsMax: number) {
  return (
    aedesClient: Client,
    packet: ConnectPacket,
    done: (error: null, isLetIn: boolean) => void,
  ): void => {
    const client = aedesClient as unknown as AedesClient;
    const { connection } = client;
    if (connection) connection.facts = toFacts(packet);
    const { keepalive = 0, protocolVersion } = packet;
    const isTooLong = keepalive === 0 || keepalive > keepaliveSecondsMax;
    // [MQTT-3.2.2-21]; MQTT 3.1.1 has no way to tell a client.
    if (isTooLong && keepaliveSecondsMax < NO_CEILING && protocolVersion === 5) {
      client._serverKeepAlive = keepaliveSecondsMax;
    }
    done(null, true);
  };
}

/** `onRefused` is told why: of its own errors at CONNECT aedes tells only when it has closed. */
export function createAuthenticate(
  access: Access | undefined,
  sessions: Pick<Sessions, "get">,
  onRefused: (connection: Connection, reason: string) => void,
) {
  return (
    aedesClient: Client,
    username: string | undefined,
    password: Uint8Array | undefined,
    answer: Done,
  ): void => {
    const client = aedesClient as unknown as AedesClient;
    const { connection } = client;
    const done: Done = (refusal, isLetIn) => {
      if (refusal && connection && !client.closed) onRefused(connection, refusal.message);
      answer(refusal, isLetIn);
    };
    if (!connection || !access || connection.isOwn) {
      if (connection) connection.username = username;
      if (connection && isOfAnother(connection, sessions)) return done(toTaken(connection), null);
      return answerWill(client, done);
    }
    const { host: address, certificateName } = connection.peer;
    const person = { username, clientId: connection.id };
    void access.login({ ...person, password, address, certificateName }).then((result) => {
      if (!result.isGranted) return done(toRefusal(result), null);
      connection.username = result.username;
      connection.login = result;
      connection.permissions = access.permissionsOf({ ...person, username: result.username });
      if (isOfAnother(connection, sessions)) return done(toTaken(connection), null);
      answerWill(client, done);
    });
  };
}

// A session is its owner's: who knows the client id alone gets neither its messages nor the owner
// thrown out. The bridge's own is nobody else's.
function isOfAnother(connection: Connection, sessions: Pick<Sessions, "get">): boolean {
  const session = sessions.get(connection.id);
  if (!session || connection.isOwn) return false;
  if (session.isOwn) return true;
  return session.username !== undefined && session.username !== connection.username;
}

function toTaken({ id }: Connection): Refusal {
  const error = new Error(`the session of client id ${quote(id)} is another user's`);
  return Object.assign(error, { returnCode: NOT_AUTHORIZED });
}

// [MQTT-3.1.2-9] there is a will that could not be published: better told now than never.
function answerWill({ connection, _will: will }: AedesClient, done: Done): void {
  const isDenied = will && connection && isPublishDenied(connection, will.topic);
  if (!isDenied) return done(null, true);
  const error = new Error(`not authorized: it may not publish its will to ${quote(will.topic)}`);
  done(Object.assign(error, { returnCode: NOT_AUTHORIZED } as const), null);
}

// Below $SYS nobody may, whatever the rights say; such a will is dropped when it is due.
function isPublishDenied(connection: Connection, topic: string): boolean {
  return connection.permissions !== undefined && !mayPublish(connection, topic);
}

function toRefusal({ code, reason }: Extract<LoginResult, { isGranted: false }>): Refusal {
  const returnCode: 4 | 5 = code === "bad_login" ? BAD_LOGIN : NOT_AUTHORIZED;
  return Object.assign(new Error(reason), { returnCode });
}

function toFacts({ keepalive = 0, properties = {} }: ConnectPacket): ConnectFacts {
  return {
    keepaliveSeconds: keepalive,
    receiveMax: properties.receiveMaximum ?? RECEIVE_MAX,
    packetBytesMax: properties.maximumPacketSize ?? Number.POSITIVE_INFINITY,
    topicAliasesMax: properties.topicAliasMaximum ?? 0,
  };
}
