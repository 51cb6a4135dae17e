// How the page stands with the bridge, and the bridge with its broker, in the header.

import type { FeedState } from "../live/feed.ts";
import type { Live } from "../live/live.ts";
import { say } from "../words/words.ts";
import { toBrokerWords } from "./broker-words.ts";
import { toErrorWords } from "./error-words.ts";

export type ConnectionLineProps = { readonly live: Live };

type Told = {
  readonly kind: "good" | "busy" | "bad";
  readonly words: string;
  /** What to do now. */
  readonly hint?: string;
};

const MS_PER_SECOND = 1_000;

export function ConnectionLine({ live }: ConnectionLineProps) {
  const { kind, words, hint } = tell(live);
  const canRetry = live.feed.state.value.kind === "waiting";
  return (
    <div class={`connection ${kind}`}>
      <span class="dot" aria-hidden="true" />
      <span>
        {/* Not the hint: its seconds would be read out one by one. */}
        <strong role="status">{words}</strong>
        {hint !== undefined && <span class="hint"> {hint}</span>}
      </span>
      {canRetry && (
        <button type="button" class="quiet" onClick={() => live.feed.retry()}>
          {say("shell.retryNow")}
        </button>
      )}
    </div>
  );
}

function tell(live: Live): Told {
  const { access, feed, now } = live;
  if (access.state.value.kind === "asked") return { kind: "bad", words: say("shell.asksToken") };
  const state = feed.state.value;
  switch (state.kind) {
    case "idle":
      return toIdle(access.state.value.kind === "granted");
    case "connecting":
      return { kind: "busy", words: say("shell.connecting") };
    case "open":
      return tellBroker(live, state);
    case "waiting": {
      const seconds = Math.max(0, Math.ceil((state.untilMs - now.value) / MS_PER_SECOND));
      const hint = say("shell.lostHint", { attempt: state.attempt, seconds });
      return { kind: "bad", words: say("shell.lost"), hint };
    }
    case "refused": {
      const { detail, hint } = toErrorWords(state.error);
      return { kind: "bad", words: say("shell.refused"), hint: `${detail} ${hint}` };
    }
    default:
      return state satisfies never;
  }
}

function toIdle(isGranted: boolean): Told {
  return { kind: "busy", words: say(isGranted ? "shell.nothingWatched" : "shell.connecting") };
}

function tellBroker(live: Live, { broker }: Extract<FeedState, { kind: "open" }>): Told {
  if (!broker) return { kind: "good", words: say("shell.connected") };
  const name = toBrokerWords(live, broker.broker);
  if (broker.kind === "connected") {
    return { kind: "good", words: say("shell.connected"), hint: name };
  }
  const hint = say("shell.awayHint", { reason: broker.reason, broker: name });
  return { kind: "bad", words: say("shell.away"), hint };
}
