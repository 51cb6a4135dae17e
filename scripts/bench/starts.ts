// How long a bridge takes from the start of its process to its first answer.

import { findFreePort } from "../free-port.ts";
import {
  DEFINITIONS,
  type Letter,
  type Stage,
  startBridge,
  startMosquitto,
} from "./contestants.ts";

export type Start = { readonly letter: Letter; readonly milliseconds: number };

/** Each bridge in turn, as often as told, each time in a fresh process. */
export async function timeStarts(
  letters: readonly Letter[],
  count: number,
  stage: Stage,
): Promise<Start[]> {
  const starts: Start[] = [];
  for (let run = 0; run < count; run++) {
    for (const letter of letters) starts.push(await timeStart(letter, stage));
  }
  return starts;
}

// A broker of its own each time, which runs before the clock does: one that still holds the session
// of an earlier bridge would take the first request for it.
async function timeStart(letter: Letter, stage: Stage): Promise<Start> {
  const port = await findFreePort();
  const { hasMosquitto } = DEFINITIONS[letter];
  await using _broker = hasMosquitto ? await startMosquitto(port, stage) : undefined;
  const startedAt = performance.now();
  await using _bridge = await startBridge(letter, port, stage);
  return { letter, milliseconds: performance.now() - startedAt };
}
