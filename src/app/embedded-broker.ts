// The embedded broker with what it stands on: logins and rights, and the file of its promises.
// Opened by bridge.ts when no external broker is named.

import { openAccess } from "../access/access.ts";
import { type Broker, type Listening, openBroker } from "../broker/broker.ts";
import { isAnonymousAllowed } from "../config/reach.ts";
import type { Settings } from "../config/read.ts";
import type { Dispatcher } from "../handlers/dispatcher.ts";
import type { Logger } from "../lib/log.ts";
import { openBrokerStore } from "../store/broker-store.ts";
import type { Observation } from "../store/observation.ts";
import { type LanLogin, toBrokerLogins } from "./lan-login.ts";
import { toBrokerOptions } from "./link-settings.ts";

export type EmbeddedBroker = AsyncDisposable & {
  readonly broker: Broker;
  /** Why its file takes nothing, or did not take the last changes before the end. */
  storeProblem(): string | undefined;
  /** Reads logins, rights and certificates again; tells what is wrong, and never throws. */
  reload(listening: Listening | undefined): Promise<void>;
};

export type EmbeddedParts = {
  readonly settings: Settings;
  readonly lanLogin: LanLogin | undefined;
  readonly observation: Observation;
  /** Holds devices back while it does not resolve. */
  readonly room: (topic: string) => Promise<void> | undefined;
  /** Is told who sends what handlers get. */
  readonly dispatcher: Pick<Dispatcher, "noteClient">;
  readonly log: Logger;
};

/** Undefined with an external broker. Throws what `openAccess` and `openBrokerStore` throw. */
export async function openEmbeddedBroker(
  parts: EmbeddedParts,
): Promise<EmbeddedBroker | undefined> {
  const { settings, lanLogin, observation, room, dispatcher } = parts;
  if (settings.brokers.length > 0) return undefined;
  const log = parts.log.named("Broker");
  await using stack = new AsyncDisposableStack();
  const access = stack.use(
    await openAccess({
      passwordFile: settings.passwordFile,
      logins: toBrokerLogins(lanLogin, settings),
      aclFile: settings.aclFile,
      allowAnonymous: isAnonymousAllowed(settings),
      log,
    }),
  );
  const { data: folder, durability } = settings;
  const store = stack.use(openBrokerStore({ folder, durability, log }));
  const options = toBrokerOptions(settings, {
    observation,
    room,
    noteClient: (message, clientId) => dispatcher.noteClient(message, clientId),
    log,
    store,
    access,
  });
  const broker = stack.use(await openBroker(options));
  const owned = stack.move();
  return {
    broker,
    storeProblem: () => store.problem,
    async reload(listening) {
      await access.reload();
      reloadCertificates(listening, log);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function reloadCertificates(listening: Listening | undefined, log: Logger): void {
  if (listening?.tlsPort === undefined && listening?.wssPort === undefined) return;
  try {
    listening.reloadCertificates();
    log.info("read the certificates again");
  } catch (error) {
    log.problem("error", error);
  }
}
