// Why nothing arrives, as a list that changes with what is found out: each point is done, waits, or
// tells what to do. Shown while no message has come since the page was opened.

import type { Live } from "../live/live.ts";
import { CopyLine } from "../parts/copy-line.tsx";
import { toBrokerWords } from "../shell/broker-words.ts";
import { toErrorWords } from "../shell/error-words.ts";
import { say } from "../words/words.ts";

export type ArrivalChecklistProps = {
  readonly live: Live;
  /** Where Mosquitto's tools reach the broker; undefined while it is not known. */
  readonly serverWords: string | undefined;
};

type Point = {
  readonly kind: "done" | "waiting" | "wrong";
  readonly words: string;
  /** What to do now. */
  readonly hint?: string;
};

const MARKS = { done: "✓", waiting: "…", wrong: "✗" } as const;

/** Whether nothing has come since the filter is watched but, at most, the bridge's own status. */
export function isSilent({ topics: { tree } }: Live): boolean {
  return tree.size <= 1 && tree.root.below.rate.atMs === 0;
}

export function ArrivalChecklist({ live, serverWords }: ArrivalChecklistProps) {
  const points = [toBridge(live), toToken(live), toWatched(live), toBroker(live)];
  const isReady = points.every(({ kind }) => kind === "done") && serverWords !== undefined;
  const line = `mosquitto_pub ${serverWords} -t hello/world -m 42`;
  return (
    <section class="checklist" aria-labelledby="checklist-title" aria-live="polite">
      <h2 id="checklist-title">{say("topics.silent")}</h2>
      <ol>
        {points.map((point) => (
          <PointView key={point.words} {...point} />
        ))}
        <PointView
          kind="waiting"
          words={say("topics.nothingPublished")}
          hint={say(isReady ? "topics.tryLine" : "topics.tryLater")}
        />
      </ol>
      {isReady && <CopyLine text={line} label={say("topics.publishLine")} />}
    </section>
  );
}

function PointView({ kind, words, hint }: Point) {
  return (
    <li class={kind}>
      <span class="point-mark" role="img" aria-label={say(`topics.${kind}`)}>
        {MARKS[kind]}
      </span>
      <span>
        {words} {hint !== undefined && <span class="soft">{hint}</span>}
      </span>
    </li>
  );
}

function toBridge({ access, feed }: Live): Point {
  const state = feed.state.value;
  const hint = say("errors.bridge_unreachable_hint");
  if (state.kind === "waiting") {
    return { kind: "wrong", words: say("errors.bridge_unreachable"), hint };
  }
  const isThere = access.state.value.kind !== "unknown" || state.kind === "open";
  return { kind: isThere ? "done" : "waiting", words: say("topics.bridgeReached") };
}

// Who has no token sees the form that asks for it; a right may be missing all the same.
function toToken({ access }: Live): Point {
  const isKnown = access.state.value.kind === "granted";
  if (!isKnown) return { kind: "waiting", words: say("topics.tokenGood") };
  if (access.may("read")) return { kind: "done", words: say("topics.tokenGood") };
  const hint = say("errors.scope_missing_hint");
  return { kind: "wrong", words: say("errors.scope_missing"), hint };
}

function toWatched({ filter, feed }: Live): Point {
  const state = feed.state.value;
  if (filter.value === undefined) {
    return { kind: "wrong", words: say("topics.notWatched"), hint: say("topics.watchFirst") };
  }
  if (state.kind === "refused") {
    const { detail, hint } = toErrorWords(state.error);
    return { kind: "wrong", words: detail, hint };
  }
  const words = say("topics.watching", { filter: filter.value });
  return { kind: state.kind === "open" ? "done" : "waiting", words };
}

function toBroker(live: Live): Point {
  const state = live.feed.state.value;
  const broker = state.kind === "open" ? state.broker : undefined;
  if (!broker) return { kind: "waiting", words: say("topics.brokerConnected") };
  const name = toBrokerWords(live, broker.broker);
  if (broker.kind === "away") {
    const { reason } = broker;
    const hint = say("shell.awayHint", { reason, broker: name });
    return { kind: "wrong", words: say("shell.away"), hint };
  }
  return { kind: "done", words: say("topics.brokerConnected"), hint: name };
}
