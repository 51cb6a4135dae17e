// The QoS that a client was granted for a topic, found without looking at each of its filters: a
// bridge may have ten thousand. Used by forwarding.ts.

import type { Client } from "aedes";
import { FilterTree } from "../topics/filter-tree.ts";
import type { QoS } from "../topics/message.ts";

type Subscriptions = Record<string, { readonly qos: QoS }>;

export class GrantedQos {
  readonly #filters = new Map<string, QoS>();
  /** By QoS, its filters. */
  readonly #trees = [new FilterTree<QoS>(), new FilterTree<QoS>(), new FilterTree<QoS>()] as const;
  readonly #counts: [number, number, number] = [0, 0, 0];

  set(filter: string, qos: QoS): void {
    this.delete(filter);
    this.#filters.set(filter, qos);
    this.#trees[qos].set(filter, qos);
    this.#counts[qos] += 1;
  }

  delete(filter: string): void {
    const qos = this.#filters.get(filter);
    if (qos === undefined) return;
    this.#filters.delete(filter);
    this.#trees[qos].delete(filter);
    this.#counts[qos] -= 1;
  }

  /** Whether some filter was granted less than this. */
  hasBelow(qos: QoS): boolean {
    const [none, once] = this.#counts;
    return (qos > 0 && none > 0) || (qos > 1 && once > 0);
  }

  /** The highest of all filters that match the topic; undefined when none does. */
  find(topic: string): QoS | undefined {
    const [none, once, twice] = this.#trees;
    return twice.find(topic) ?? once.find(topic) ?? none.find(topic);
  }
}

/** What a client is granted, from now on. aedes keeps it in an object, which is watched. */
export function followSubscriptions(client: Client): GrantedQos {
  const granted = new GrantedQos();
  const owner = client as Client & { subscriptions: Subscriptions };
  // A topic filter named `constructor` or `__proto__` is found in a plain object without having
  // been put there, and ends the process (GHSA-52qw-whmv-87c5, fixed in aedes 1.1.3; an object
  // without a prototype is right also when 2.0 has it).
  owner.subscriptions = new Proxy<Subscriptions>(Object.create(null), {
    set(subscriptions, filter: string, subscription) {
      granted.set(filter, subscription.qos);
      subscriptions[filter] = subscription;
      return true;
    },
    deleteProperty(subscriptions, filter: string) {
      granted.delete(filter);
      return delete subscriptions[filter];
    },
  });
  return granted;
}
