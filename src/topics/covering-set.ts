// The smallest set of filters in which no two match the same topic. A broker may deliver a message
// once for each subscription that matches (MQTT 5 section 3.3.4): with this set there is only one,
// on every broker. Pure text work.

import type { QoS } from "./message.ts";

export type Subscription = { readonly filter: string; readonly qos: QoS };

/**
 * Covers all given subscriptions with disjoint ones. Of two that overlap, the wider stays; where
 * neither is wider, as with `a/+` and `+/b`, one that holds both takes their place (`+/+`), and
 * what comes in beyond them finds no handler. The QoS is the highest of those covered.
 */
export function coverSubscriptions(subscriptions: Iterable<Subscription>): Subscription[] {
  const disjoint: Subscription[] = [];
  for (let candidate of subscriptions) {
    for (;;) {
      const at = disjoint.findIndex(({ filter }) => overlaps(filter, candidate.filter));
      if (at === -1) break;
      const [other = candidate] = disjoint.splice(at, 1);
      candidate = join(candidate, other);
    }
    disjoint.push(candidate);
  }
  return disjoint;
}

/** Whether some topic matches both filters; with a topic in place of one, whether it matches. */
export function overlaps(one: string, other: string): boolean {
  const [a, b] = [one.split("/"), other.split("/")];
  if (isDollarApart(a, b)) return false;
  for (let at = 0; ; at++) {
    const [left, right] = [a[at], b[at]];
    if (left === "#" || right === "#") return true;
    // `a/#` matches `a` too, so a filter that ends one level earlier still meets it.
    if (left === undefined || right === undefined) return left === right;
    if (left !== right && left !== "+" && right !== "+") return false;
  }
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
  return { filter: joined.join("/"), qos };
}

// [MQTT-4.7.2-1] a filter that begins with a wildcard matches no topic that begins with $.
function isDollarApart([one = ""]: string[], [other = ""]: string[]): boolean {
  const isWild = (level: string) => level === "+" || level === "#";
  return (one.startsWith("$") && isWild(other)) || (other.startsWith("$") && isWild(one));
}
