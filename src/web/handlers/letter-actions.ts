// What can be done with dead letters. Each rejects with `ProblemError`.

import type { Api } from "../live/api.ts";
import type { FlowsJson } from "../live/flow-answers.ts";
import type { LetterJson } from "../live/handler-answers.ts";

export function getLetter(api: Api, id: number): Promise<LetterJson> {
  return api.ask(`dead-letters/${id}`);
}

/** Resolves when its handler has done it, and the letter is gone. */
export async function redriveLetter(api: Api, id: number): Promise<void> {
  await api.ask(`dead-letters/${id}/redrive`, { method: "POST" });
}

/** One after the other, those of this handler. */
export function redriveAll(
  api: Api,
  handler: string,
): Promise<{ readonly handled: number; readonly failed: number }> {
  const path = `dead-letters/redrive?handler=${encodeURIComponent(handler)}`;
  return api.ask(path, { method: "POST" });
}

export async function deleteLetter(api: Api, id: number): Promise<void> {
  await api.ask(`dead-letters/${id}`, { method: "DELETE" });
}

/** The last flow in which the letter's handler ran again; undefined when none is told. */
export async function findRedriveFlow(api: Api, letter: LetterJson): Promise<number | undefined> {
  const filter = encodeURIComponent(letter.topic);
  const { flows } = await api.ask<FlowsJson>(`flows?filter=${filter}`);
  return flows.findLast(({ sender }) => sender.dead_letter === letter.id)?.id;
}
