// One network connection to the broker that was chosen, for as long as a command runs. It does not
// connect again: a command that lost its broker has failed, and its exit code says so.

import { toViadutoError, type ViadutoError } from "../lib/errors.ts";
import { Connection, type ConnectionOptions } from "../link/connection.ts";
import { VERSION_NAMES } from "../link/state.ts";
import type { Target } from "../link/target.ts";
import { suggestsOlderVersion } from "../link/versions.ts";
import type { BrokerChoice } from "./broker-choice.ts";
import type { Say } from "./diagnostics.ts";

export type BrokerConnection = AsyncDisposable & {
  readonly connection: Connection;
  /** The broker's name, for errors. */
  readonly label: string;
  /** That of the choice which answered. */
  readonly target: Target;
  /** Rejects with the reason when the connection has ended. */
  readonly lost: Promise<never>;
};

export type SessionOptions = Pick<
  ConnectionOptions,
  "identifiers" | "onPacket" | "sessionExpirySeconds"
>;

const CONNECT_TIMEOUT_MS = 10_000;
const RECEIVE_MAXIMUM = 100;

/** Tries each broker, and each version at it; throws the last failure. */
export async function connectToBroker(
  choice: BrokerChoice,
  session: SessionOptions,
  say: Say,
): Promise<BrokerConnection> {
  const { clientId, keepaliveSeconds } = choice;
  let failure: ViadutoError | undefined;
  for (const target of choice.targets) {
    for (const version of choice.versions) {
      say(`connecting to ${target.label} with MQTT ${VERSION_NAMES[version]} as '${clientId}'`);
      try {
        const connection = await Connection.open({
          ...session,
          target,
          clientId,
          version,
          keepaliveSeconds,
          connectTimeoutMs: CONNECT_TIMEOUT_MS,
          receiveMaximum: RECEIVE_MAXIMUM,
        });
        say(`connected${connection.isSessionPresent ? ", session resumed" : ""}`);
        return toBrokerConnection(connection, target, say);
      } catch (thrown) {
        failure = toViadutoError(thrown);
        say(failure.message);
        if (!suggestsOlderVersion(failure.code)) break;
      }
    }
  }
  throw failure;
}

function toBrokerConnection(connection: Connection, target: Target, say: Say): BrokerConnection {
  const lost = connection.closed.then((reason) => {
    throw reason;
  });
  // Whoever waits on it gets the reason; an end that was asked for is nobody's failure.
  lost.catch(() => {});
  return {
    connection,
    label: target.label,
    target,
    lost,
    async [Symbol.asyncDispose]() {
      await connection.close();
      say("disconnected");
    },
  };
}
