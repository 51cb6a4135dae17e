// What the presenter does: pause, slow motion, spotlight, QR code, full screen, leave.

import { SEARCH_FIELD } from "../shell/keyboard.ts";
import { toHash } from "../shell/route.ts";
import { say } from "../words/words.ts";
import { SPEEDS, type Speed, type Stage } from "./stage.ts";
import { type JoinSwitch, toggleFullscreen, toggleJoin, togglePause } from "./stage-keys.ts";

export type StageControlsProps = { readonly stage: Stage; readonly isJoinOpen: JoinSwitch };

const SPEED_WORDS = { 1: "×1", 0.5: "×½", 0.25: "×¼" } as const satisfies Record<Speed, string>;

export function StageControls({ stage, isJoinOpen }: StageControlsProps) {
  const isPaused = stage.isPaused.value;
  return (
    <section class="stage-controls" aria-label={say("stage.controls")}>
      <button type="button" class="stage-pause" onClick={() => togglePause(stage)}>
        {say(isPaused ? "stage.go" : "stage.pause")}
      </button>
      <Speeds stage={stage} />
      <button type="button" aria-pressed={isJoinOpen.value} onClick={() => toggleJoin(isJoinOpen)}>
        {say("stage.code")}
      </button>
      {document.fullscreenEnabled && (
        <button type="button" class="stage-full" onClick={toggleFullscreen}>
          {say("stage.fullscreen")}
        </button>
      )}
      <label class="stage-spotlight">
        <span>{say("stage.spotlight")}</span>
        <input
          {...SEARCH_FIELD}
          type="search"
          autocomplete="off"
          spellcheck={false}
          placeholder={say("stage.spotlightHint")}
          value={stage.spotlight.value}
          onInput={({ currentTarget }) => {
            stage.spotlight.value = currentTarget.value;
          }}
        />
      </label>
      <a class="stage-leave" href={toHash("topics")}>
        {say("stage.leave")}
      </a>
    </section>
  );
}

function Speeds({ stage }: { readonly stage: Stage }) {
  return (
    <fieldset class="stage-speeds">
      <legend class="unseen">{say("stage.speed")}</legend>
      {SPEEDS.map((speed) => (
        <button
          key={speed}
          type="button"
          aria-pressed={stage.speed.value === speed}
          onClick={() => {
            stage.speed.value = speed;
          }}
        >
          {SPEED_WORDS[speed]}
        </button>
      ))}
    </fieldset>
  );
}
