// The messages that the pane holds of a topic: in the order of their ids, each once, and no more
// than fit. Pure.

import type { MessageJson } from "../live/bridge-answers.ts";

export type HeldMessage = MessageJson & {
  /** So many that were not sent stand behind it. */
  readonly replaced?: number;
  /** The page keeps only its beginning. */
  readonly isPreview?: true;
};

export const HELD_MESSAGES_MAX = 2_000;
const HELD_CHARACTERS_MAX = 16_000_000;

/** Both together; of two that are the same, the one that is whole. The oldest go first. */
export function mergeMessages(
  held: readonly HeldMessage[],
  more: readonly HeldMessage[],
): readonly HeldMessage[] {
  const lastId = held.at(-1)?.id ?? 0;
  // As it is with what comes live: it is newer than all.
  const [only] = more;
  if (more.length === 1 && only && only.id > lastId) {
    const all = [...held, only];
    return all.slice(findFirst(all));
  }
  const byId = new Map(held.map((message) => [message.id, message]));
  for (const message of more) {
    const known = byId.get(message.id);
    if (!known || (isCut(known) && !isCut(message))) byId.set(message.id, message);
  }
  const all = [...byId.values()].sort((one, other) => one.id - other.id);
  return all.slice(findFirst(all));
}

function isCut({ isPreview, payload_cut }: HeldMessage): boolean {
  return isPreview === true || payload_cut === true;
}

// The newest stays, however large.
function findFirst(all: readonly HeldMessage[]): number {
  let first = Math.max(0, all.length - HELD_MESSAGES_MAX);
  let characters = 0;
  for (let at = all.length - 1; at >= first; at -= 1) {
    characters += all[at]?.payload.length ?? 0;
    if (characters > HELD_CHARACTERS_MAX) first = Math.min(at + 1, all.length - 1);
  }
  return first;
}
