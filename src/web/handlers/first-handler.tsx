// How to write a handler, for whoever has none yet.

import { CopyLine } from "../parts/copy-line.tsx";
import { say } from "../words/words.ts";

export type FirstHandlerProps = {
  /** Some are loaded, but none from a file. */
  readonly hasOthers: boolean;
};

export function FirstHandler({ hasOthers }: FirstHandlerProps) {
  return (
    <section class="first-handler">
      <h2>{say(hasOthers ? "handlers.ownTitle" : "handlers.noneTitle")}</h2>
      <p>{say("handlers.noneWords")}</p>
      <CopyLine text="viaduto init demo" label={say("handlers.noneInit")} />
      <CopyLine text="cd demo && viaduto --watch" label={say("handlers.noneWatch")} />
      <p class="soft">{say("handlers.noneHint")}</p>
    </section>
  );
}
