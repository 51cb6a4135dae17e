// What became of the last message: on the way, taken by the broker, replied to, or gone wrong.

import { useEffect, useState } from "preact/hooks";
import { ProblemError } from "../live/problem-error.ts";
import { ErrorBox } from "../shell/error-box.tsx";
import { toHash } from "../shell/route.ts";
import { formatNumber } from "../words/quantities.ts";
import { language } from "../words/reader-language.ts";
import { say } from "../words/words.ts";
import type { Progress, PublishModel } from "./publish-model.ts";
import { ReplyView } from "./reply-view.tsx";

export type OutcomePartProps = { readonly model: PublishModel };

const TICK_MS = 100;
const MS_PER_SECOND = 1_000;

export function OutcomePart({ model }: OutcomePartProps) {
  const progress = model.progress.value;
  return (
    <section class="outcome-part" aria-live="polite" aria-label={say("publish.outcome")}>
      {progress.kind === "asking" ? (
        <Waiting key={progress.sinceMs} progress={progress} onCancel={model.cancel} />
      ) : (
        <OutcomeWords progress={progress} />
      )}
    </section>
  );
}

type OutcomeWordsProps = { readonly progress: Exclude<Progress, { kind: "asking" }> };

function OutcomeWords({ progress }: OutcomeWordsProps) {
  switch (progress.kind) {
    case "idle":
      return null;
    case "sending":
      return <p class="soft">{say("publish.onTheWay")}</p>;
    case "published":
      return <Published progress={progress} />;
    case "replied":
      return <ReplyView reply={progress.reply} topic={progress.topic} />;
    case "cancelled":
      return <p class="outcome unsure">{say("publish.cancelled", toSeconds(progress.tookMs))}</p>;
    case "failed":
      return (
        <>
          <ErrorBox error={progress.error} />
          <OwnWords error={progress.error} />
        </>
      );
  }
}

type PublishedProps = { readonly progress: Extract<Progress, { kind: "published" }> };

function Published({ progress: { topic, hearing, tookMs } }: PublishedProps) {
  const tookMilliseconds = formatNumber(tookMs, tookMs < 10 ? 1 : 0);
  return (
    <div class={hearing === "unheard" ? "outcome unsure" : "outcome good"}>
      <p>
        <strong>{say(`publish.${hearing}`)}</strong>{" "}
        {hearing !== "heard" && say(`publish.${hearing}_hint`)}
      </p>
      <p class="soft small">
        <a href={toHash("topics", topic)}>
          <code>{topic}</code>
        </a>{" "}
        · {tookMilliseconds} ms
      </p>
    </div>
  );
}

type WaitingProps = {
  readonly progress: Extract<Progress, { kind: "asking" }>;
  readonly onCancel: () => void;
};

// A screen reader is told once that it waits, not ten times a second.
function Waiting({ progress: { sinceMs, timeoutMs, topic }, onCancel }: WaitingProps) {
  const [nowMs, setNowMs] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  const waitedMs = Math.max(0, nowMs - sinceMs);
  return (
    <div class="outcome waiting">
      <p>
        {say("publish.waiting")} <code>{topic}</code>
      </p>
      <progress aria-label={say("publish.waiting")} max={timeoutMs} value={waitedMs} />
      <p class="waiting-row">
        <span class="waited" aria-hidden="true">
          {say("publish.waited", {
            seconds: formatSeconds(waitedMs),
            most: formatNumber(timeoutMs / MS_PER_SECOND, 1),
          })}
        </span>
        <button type="button" onClick={onCancel}>
          {say("publish.cancel")}
        </button>
      </p>
    </div>
  );
}

// The reader's words leave out what this one broker said.
function OwnWords({ error }: { readonly error: unknown }) {
  if (!(error instanceof ProblemError) || error.status === 0) return null;
  return (
    <p class="soft small own-words">
      <code>{error.code}</code>: {error.message}
    </p>
  );
}

function toSeconds(ms: number): { readonly seconds: string } {
  return { seconds: formatSeconds(ms) };
}

function formatSeconds(ms: number): string {
  // The last digit stays, or the words would jump.
  const digits = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
  return new Intl.NumberFormat(language.value, digits).format(ms / MS_PER_SECOND);
}
