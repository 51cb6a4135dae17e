// Sends the message again and again: how often, how many, what happened so far.

import { useState } from "preact/hooks";
import { say } from "../words/words.ts";
import { MarkedField } from "./marked-field.tsx";
import { draft } from "./publish-draft.ts";
import type { PublishModel } from "./publish-model.ts";
import type { RepeatState } from "./repeater.ts";

export type RepeatPartProps = { readonly model: PublishModel };

const EVERY_MS_MIN = 100;

export function RepeatPart({ model }: RepeatPartProps) {
  const [every, setEvery] = useState("1000");
  const [times, setTimes] = useState("");
  const state = model.repeater.state.value;
  const isRunning = state.kind === "running";
  const isFast = !(Number(every) >= EVERY_MS_MIN);
  const isOdd = times !== "" && !/^[1-9]\d{0,8}$/.test(times);
  if (draft.value.isAsking) return null;
  const toggle = () => {
    if (isRunning) return model.repeater.stop("reader");
    model.repeat({ everyMs: Number(every), timesMax: times === "" ? undefined : Number(times) });
  };
  return (
    <details class="repeat-part" open={state.kind !== "idle"}>
      <summary>{say("publish.repeat")}</summary>
      <div class="repeat-fields">
        <NumberField
          label={say("publish.every")}
          value={every}
          problem={isFast ? say("publish.everyWanted") : undefined}
          onChange={setEvery}
        />
        <NumberField
          label={say("publish.times")}
          value={times}
          problem={isOdd ? say("publish.timesWanted") : undefined}
          onChange={setTimes}
          placeholder="∞"
        />
      </div>
      <p class="send-row">
        <button type="button" disabled={!isRunning && (isFast || isOdd)} onClick={toggle}>
          {say(isRunning ? "publish.repeatStop" : "publish.repeatStart")}
        </button>
        <span role="status">{toStateWords(state)}</span>
      </p>
      <p class="soft small">{say("publish.repeatWords")}</p>
    </details>
  );
}

type NumberFieldProps = {
  readonly label: string;
  readonly value: string;
  readonly problem: string | undefined;
  readonly onChange: (text: string) => void;
  readonly placeholder?: string;
};

function NumberField({ label, value, problem, onChange, placeholder }: NumberFieldProps) {
  return (
    <MarkedField label={label} problem={problem}>
      {(marks) => (
        <input
          {...marks}
          inputMode="numeric"
          autocomplete="off"
          placeholder={placeholder}
          value={value}
          onInput={({ currentTarget }) => onChange(currentTarget.value)}
        />
      )}
    </MarkedField>
  );
}

function toStateWords(state: RepeatState): string {
  if (state.kind === "idle") return "";
  const { sent, unheard } = state;
  const words = [
    say("publish.repeatSent", { count: sent }),
    unheard > 0 ? say("publish.repeatUnheard", { count: unheard }) : "",
    state.kind === "stopped" ? say(`publish.stopped_${state.reason}`) : "",
  ];
  return words.filter(Boolean).join(" · ");
}
