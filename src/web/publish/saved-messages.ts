// Messages that the reader keeps in this browser, by name. Bounded: the browser's room is small.

import { type ReadonlySignal, signal } from "@preact/signals";
import { keepText, readKept } from "../live/kept-text.ts";
import { type Draft, toDraft } from "./publish-draft.ts";
import { isSchema } from "./schema-shape.ts";

export type SavedMessage = { readonly name: string; readonly message: Draft };
export type SavingProblem = "savedFull" | "savedTooLong" | "savedRefused";

export const SAVED_MESSAGES_MAX = 50;
export const SAVED_CHARACTERS_MAX = 100_000;
const KEY = "saved-messages";

const messages = signal<readonly SavedMessage[]>(parseSaved(readKept(KEY)));

export const savedMessages: ReadonlySignal<readonly SavedMessage[]> = messages;

/** Keeps it in place of one with the same name. Gives why it could not. */
export function saveMessage(name: string, message: Draft): SavingProblem | undefined {
  const others = messages.peek().filter((one) => one.name !== name);
  if (others.length >= SAVED_MESSAGES_MAX) return "savedFull";
  if (message.text.length > SAVED_CHARACTERS_MAX) return "savedTooLong";
  const next = [...others, { name, message }].toSorted((left, right) => {
    return left.name.localeCompare(right.name);
  });
  return keep(next) ? undefined : "savedRefused";
}

export function forgetMessage(name: string): void {
  keep(messages.peek().filter((one) => one.name !== name));
}

/** What the browser has kept; what is no message is left out. */
export function parseSaved(text: string | undefined): readonly SavedMessage[] {
  if (text === undefined) return [];
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) ? list.flatMap(toSaved) : [];
  } catch {
    return []; // Something else wrote there.
  }
}

function keep(next: readonly SavedMessage[]): boolean {
  if (!keepText(KEY, JSON.stringify(next))) return false;
  messages.value = next;
  return true;
}

function toSaved(one: unknown): SavedMessage[] {
  if (!isSchema(one) || typeof one.name !== "string" || !isSchema(one.message)) return [];
  return [{ name: one.name, message: toDraft(one.message) }];
}
