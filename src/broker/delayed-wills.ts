// Wills that wait for their delay (MQTT 5 section 3.1.3.2.2), and those of a client whose id
// another has taken over. Called by take-over.ts.
//
// aedes forgets a will that waits as soon as its client id comes back, also with a clean start;
// and with the will of a client that was taken over it forgets the new one's.
// (aedes 2.0.0-beta.1, `_finishRegisterClient` and `publishWill`; remove when it looks who holds
// the id.)

import type { Aedes } from "aedes";
import type { AedesClient, Will } from "./aedes-client.ts";

/** What aedes does with wills, and does not put into its types. */
type Engine = {
  readonly clients: Record<string, AedesClient | undefined>;
  scheduleWill(client: AedesClient, will: Will, delaySeconds: number): void;
  publishWill(client: AedesClient, will: Will): void;
  publish(will: Will, client: AedesClient, done: () => void): void;
};

export type DelayedWills = {
  /** Somebody has come with this id; what waits is published when the session before has ended. */
  settle(clientId: string, isResumed: boolean): void;
};

export function followWills(aedes: Aedes): DelayedWills {
  const engine = aedes as unknown as Engine;
  const { clients } = engine;
  const schedule = engine.scheduleWill.bind(engine);
  const publishAndForget = engine.publishWill.bind(engine);
  /** By client id. */
  const waiting = new Map<string, { readonly client: AedesClient; readonly will: Will }>();
  const isHeldByOther = (client: AedesClient) => (clients[client.id] ?? client) !== client;
  const publish = (client: AedesClient, will: Will) => engine.publish(will, client, () => {});

  Object.assign(engine, {
    scheduleWill(client, will, delaySeconds) {
      if (!isHeldByOther(client)) {
        waiting.set(client.id, { client, will });
        schedule(client, will, delaySeconds);
      } else if (!clients[client.id]?.connection?.isResumed) publish(client, will);
    },
    publishWill(client, will) {
      if (isHeldByOther(client)) return publish(client, will);
      waiting.delete(client.id);
      publishAndForget(client, will);
    },
  } satisfies Partial<Engine>);
  return {
    settle(clientId, isResumed) {
      const late = waiting.get(clientId);
      waiting.delete(clientId);
      if (late && !isResumed) publish(late.client, late.will);
    },
  };
}
