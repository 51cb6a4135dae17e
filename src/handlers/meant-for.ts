// What handlers are subscribed to, and which of them a message is for where that is not all of its
// topic. Called by dispatcher. Pure.

import type { Delivery } from "../link/inbox.ts";
import type { Subscription } from "../topics/covering-set.ts";
import type { NamedHandler } from "../topics/handler.ts";
import type { Worker } from "./worker.ts";

/** Whether a message that is retained, or that we published ourselves, is for this handler. */
export function isMeant(
  { named, generation }: Pick<Worker, "named" | "generation">,
  { message, retainedSince, isNewSubscription }: Delivery,
  isOwn: boolean,
): boolean {
  const { noLocal = false, retained = "send" } = named.handler.options;
  if (noLocal && isOwn) return false;
  if (!message.retain) return true;
  if (retained === "ignore") return false;
  if (retained === "new" && !isNewSubscription) return false;
  return generation >= retainedSince;
}

export function filterOf({ handler }: NamedHandler): string {
  return handler.topic.pattern.filter;
}

export function toSubscription({ named }: Worker): Subscription {
  const { qos = 1, retained = "send" } = named.handler.options;
  return { filter: filterOf(named), qos, retained };
}
