// What the broker keeps for its clients, in memory: aedes' own persistence, with those parts
// replaced over which it would crash, grow or lose messages. Used by engine.ts.

import type { PublishPacket } from "aedes";
import createAedesPersistence from "aedes-persistence";
import { createOutgoingQueues, type Outgoing, type QueueOptions } from "./outgoing-queues.ts";
import { createReceivedIdentifiers } from "./received-identifiers.ts";
import { createRetainedMessages } from "./retained-messages.ts";

type Recipient = { readonly clientId: string; readonly topic: string };

export function createMemoryPersistence(options: QueueOptions): object {
  const aedes = createAedesPersistence();
  const findRecipients = aedes.subscriptionsByTopic.bind(aedes);
  const cleanSubscriptions = aedes.cleanSubscriptions.bind(aedes);
  const retained = createRetainedMessages();
  const outgoing = createOutgoingQueues(options);
  const received = createReceivedIdentifiers();

  return Object.assign(aedes, retained, outgoing, received, {
    storeRetained(packet: PublishPacket) {
      retained.store(packet);
      return DONE;
    },
    subscriptionsByTopic(topic: string) {
      const found = findRecipients(topic);
      return Bun.peek.status(found) === "fulfilled" ? tell(Bun.peek(found)) : found;
    },
    outgoingEnqueueCombi(recipients: readonly Recipient[], packet: Outgoing) {
      // [MQTT-4.7.2-1] a wildcard at the start matches no topic that begins with $.
      const isReserved = packet.topic.startsWith("$");
      for (const recipient of recipients) {
        if (!isReserved || !/^[+#]/.test(recipient.topic)) outgoing.enqueue(recipient, packet);
      }
      return DONE;
    },
    /** Called when a client starts clean, and when a session has ended. */
    async cleanSubscriptions(owner: { readonly id: string }) {
      outgoing.forget(owner);
      received.forget(owner);
      await cleanSubscriptions(owner);
    },
  });
}

/**
 * A promise that tells its value at once. With a real one, aedes would forward a message that it
 * has to store (with QoS 1, or retained) after a later one that it need not store.
 */
function tell(value: unknown): object {
  // biome-ignore lint/suspicious/noThenProperty: this is to be taken for a promise.
  return { then: (done: (value: unknown) => void) => done(value) };
}
const DONE = tell(undefined);
