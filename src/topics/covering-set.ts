// The smallest set of filters in which no two match the same topic. A broker may deliver a message
// once for each subscription that matches (MQTT 5 section 3.3.4): with this set there is only one,
// on every broker. Pure text work.

import { FilterTree } from "./filter-tree.ts";
import type { QoS } from "./message.ts";

export type Subscription = {
  readonly filter: string;
  readonly qos: QoS;
  /** Which retained messages are wanted: the option `retained` of a handler. */
  readonly retained: Retained;
};

type Retained = "send" | "new" | "ignore";

/** From the least wanted to the most. */
const RETAINED: readonly Retained[] = ["ignore", "new", "send"];

/**
 * Covers all given subscriptions with disjoint ones. Of two that overlap, the wider stays; where
 * neither is wider, as with `a/+` and `+/b`, one that holds both takes their place (`+/+`), and
 * what comes in beyond them finds no handler. The QoS is the highest of those covered, and so are
 * the retained messages.
 */
export function coverSubscriptions(subscriptions: Iterable<Subscription>): Subscription[] {
  const disjoint = new Set<Subscription>();
  const tree = new FilterTree<Subscription>();
  for (let candidate of subscriptions) {
    for (;;) {
      const other = tree.find(candidate.filter);
      if (!other) break;
      tree.delete(other.filter);
      disjoint.delete(other);
      candidate = join(candidate, other);
    }
    tree.set(candidate.filter, candidate);
    disjoint.add(candidate);
  }
  return [...disjoint];
}

function join(one: Subscription, other: Subscription): Subscription {
  const [a, b] = [one.filter.split("/"), other.filter.split("/")];
  const joined: string[] = [];
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const [left, right] = [a[at], b[at]];
    if (left === "#" || right === "#") {
      joined.push("#");
      break;
    }
    joined.push(left === right ? (left ?? "+") : "+");
  }
  const qos = Math.max(one.qos, other.qos) as QoS;
  return { filter: joined.join("/"), qos, retained: joinRetained(one.retained, other.retained) };
}

function joinRetained(one: Retained, other: Retained): Retained {
  return RETAINED.indexOf(one) > RETAINED.indexOf(other) ? one : other;
}
