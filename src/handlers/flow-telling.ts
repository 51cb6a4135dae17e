// Tells the flows of messages what the handlers know of them. Made by dispatcher, which asks it for
// the flow of each message that a handler gets; a run tells by it what it sends.

import { toViadutoError } from "../lib/errors.ts";
import type { Flow, FlowBranch, FlowOrigin, FlowPublish, FlowSender, Sent } from "../store/flow.ts";
import type { Flows } from "../store/flows.ts";
import type { Message, OutgoingMessage } from "../topics/message.ts";
import type { Lineage } from "./lineage.ts";
import { OnTheWay } from "./on-the-way.ts";

export class FlowTelling {
  readonly #flows: Flows;
  /** What clients of the embedded broker have sent, until it is here. */
  readonly #ofClients = new OnTheWay<FlowOrigin>();

  constructor(flows: Flows) {
    this.#flows = flows;
  }

  /** A client of the embedded broker has sent a message for a handler. */
  noteClient(message: OutgoingMessage, clientId: string | undefined): void {
    const sentAtMs = performance.now();
    if (!this.#flows.hasRoom(sentAtMs)) return; // Nor would its flow be told.
    const origin: FlowOrigin = {
      sender: { kind: "client", clientId },
      sent: { sentAtMs, isCall: false },
    };
    this.#ofClients.add(message, origin);
  }

  /** The flow of a message that handlers get; undefined when too many come. */
  begin(message: Message, lineage: Lineage | undefined): Flow | undefined {
    // Also of one that is not told: the next equal one may be another's.
    const origin = lineage ? lineage.origin : this.#ofClients.take(message);
    return this.#flows.begin(message, origin);
  }

  beginRedrive(message: Message, deadLetterId: number): Flow | undefined {
    const sender: FlowSender = { kind: "dead_letter", deadLetterId };
    return this.#flows.begin(message, { sender, sent: undefined }, true);
  }

  /** What the bridge publishes by another way than a handler; `sent` is its fate. */
  watch(
    toSender: () => FlowSender | undefined,
    isCall: boolean,
    sent: Promise<unknown>,
  ): FlowOrigin | undefined {
    const sentAtMs = performance.now();
    if (!this.#flows.hasRoom(sentAtMs)) return undefined; // Nor would its flow be told.
    const sender = toSender();
    if (!sender) return undefined;
    const told: Sent = { sentAtMs, isCall };
    this.#follow(told, sent, undefined);
    return { sender, sent: told };
  }

  /** Where something comes from that a run publishes to own handlers. */
  toOrigin(handler: string, branch: FlowBranch | undefined, sent: Sent | undefined): FlowOrigin {
    return { sender: { kind: "handler", handler, flowId: branch?.flow.id }, sent };
  }

  /** What a run sends; `sent` is its fate. */
  follow(branch: FlowBranch, told: FlowPublish, sent: Promise<unknown>): void {
    this.#follow(told, sent, branch.flow);
  }

  // The broker has it, or the reply is here, or neither will be.
  #follow(told: Sent, sent: Promise<unknown>, flow: Flow | undefined): void {
    const settle = (failure?: unknown) => {
      this.#flows.settle(told, failure === undefined ? undefined : toViadutoError(failure));
      flow?.touch();
    };
    sent.then(() => settle(), settle);
  }
}
