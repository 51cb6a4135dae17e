// The keys of the page, in a dialog: `?`.

import { Dialog } from "../parts/dialog.tsx";
import { say } from "../words/words.ts";
import { isHelpOpen } from "./keyboard.ts";

const KEYS = [
  ["/", "shell.helpSearch"],
  ["↑ ↓ ← →", "shell.helpArrows"],
  ["p", "shell.helpPublish"],
  ["s", "shell.helpStage"],
  ["?", "shell.helpHelp"],
  ["Esc", "shell.helpClose"],
  ["␣", "stage.helpPause"],
  ["m", "stage.helpSpeed"],
  ["f", "stage.helpFullscreen"],
  ["q", "stage.helpCode"],
  ["s Esc", "stage.helpLeave"],
] as const;

export function Help() {
  const close = () => {
    isHelpOpen.value = false;
  };
  return (
    <Dialog title={say("shell.helpTitle")} isOpen={isHelpOpen.value} onClose={close}>
      <dl class="keys">
        {KEYS.map(([keys, words]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{say(words)}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
