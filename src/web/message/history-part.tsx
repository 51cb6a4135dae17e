// The messages of the topic over time: a slider and a list, of which one is shown, and the way back
// to what comes live.

import type { ProblemError } from "../live/problem-error.ts";
import { toErrorWords } from "../shell/error-words.ts";
import { formatBytes, formatTime } from "../words/quantities.ts";
import { say } from "../words/words.ts";
import { HELD_MESSAGES_MAX, type HeldMessage } from "./held-messages.ts";
import type { TopicHistory } from "./topic-history.ts";

export type HistoryPartProps = { readonly history: TopicHistory };

const ROWS_MAX = 60;
const PREVIEW_CHARACTERS_MAX = 120;

export function HistoryPart({ history }: HistoryPartProps) {
  const messages = history.messages.value;
  const state = history.state.value;
  const shown = history.shown.value;
  const hasRoom = messages.length < HELD_MESSAGES_MAX;
  const hasOlder = state.kind === "ready" && state.next !== undefined && hasRoom;
  const place = messages.findIndex(({ id }) => id === shown?.id);
  return (
    <section class="pane-part" aria-label={say("message.history")}>
      <h3>
        {say("message.history")}{" "}
        <span class="soft">{say("message.listed", { count: messages.length })}</span>
      </h3>
      {state.kind === "loading" && <p class="soft">{say("message.historyLoading")}</p>}
      {state.kind === "missing" && <p class="soft">{toMissing(state.error)}</p>}
      <Scrubber history={history} place={place} />
      <ol class="history" aria-label={say("message.list")}>
        {toWindow(messages, place).map((message) => (
          <HistoryRow
            key={message.id}
            message={message}
            isShown={message.id === shown?.id}
            onChoose={() => history.choose(message)}
          />
        ))}
      </ol>
      {hasOlder && (
        <button type="button" onClick={() => void history.loadOlder()}>
          {say("message.older")}
        </button>
      )}
    </section>
  );
}

function toMissing(error: ProblemError): string {
  return error.code === "history_off" ? say("message.historyOff") : toErrorWords(error).detail;
}

type ScrubberProps = HistoryPartProps & { readonly place: number };

function Scrubber({ history, place }: ScrubberProps) {
  const messages = history.messages.value;
  const isLive = history.isLive.value;
  const shown = messages[place];
  const time = shown ? formatTime(shown.id / 1000) : "";
  const move = (value: string) => history.choose(messages[Number(value)]);
  return (
    <div class="scrubber">
      <input
        type="range"
        min={0}
        max={Math.max(0, messages.length - 1)}
        value={Math.max(0, place)}
        disabled={messages.length < 2}
        aria-label={say("message.scrubber")}
        aria-valuetext={time}
        onInput={(event) => move(event.currentTarget.value)}
      />
      <output>{time}</output>
      <button type="button" aria-pressed={isLive} onClick={() => history.choose(undefined)}>
        {say(isLive ? "message.live" : "message.goLive")}
      </button>
    </div>
  );
}

type HistoryRowProps = {
  readonly message: HeldMessage;
  readonly isShown: boolean;
  readonly onChoose: () => void;
};

function HistoryRow({ message, isShown, onChoose }: HistoryRowProps) {
  const { id, payload, payload_encoding, payload_bytes, retain, replaced = 0 } = message;
  const text = payload_encoding === "plain" ? payload.slice(0, PREVIEW_CHARACTERS_MAX) : "";
  return (
    <li>
      <button type="button" class="history-row" aria-pressed={isShown} onClick={onChoose}>
        <time>{formatTime(id / 1000)}</time>
        <span class="size soft">{formatBytes(payload_bytes)}</span>
        <code>{text}</code>
        {retain && <span class="badge">{say("message.retained")}</span>}
        {replaced > 0 && <span class="soft">{say("message.standsFor", { count: replaced })}</span>}
      </button>
    </li>
  );
}

/** The newest first; of many, those around the one that is shown. */
function toWindow(messages: readonly HeldMessage[], place: number): HeldMessage[] {
  const last = Math.min(messages.length, Math.max(place, 0) + ROWS_MAX / 2);
  const end = Math.max(last, Math.min(messages.length, ROWS_MAX));
  return messages.slice(Math.max(0, end - ROWS_MAX), end).reverse();
}
