// The head of the stage: what it is, where devices connect, how it stands, and the time.

import type { Live } from "../live/live.ts";
import { ConnectionLine } from "../shell/connection-line.tsx";
import { language } from "../words/reader-language.ts";
import { say } from "../words/words.ts";
import { findMqttAddress } from "./join-panel.tsx";
import type { Stage } from "./stage.ts";

export type StageHeadProps = { readonly live: Live; readonly stage: Stage };

export function StageHead({ live, stage }: StageHeadProps) {
  return (
    <header class="stage-head">
      <div class="stage-name">
        <strong>viaduto</strong>
        <ConnectionLine live={live} />
      </div>
      <Watched live={live} />
      <div class="stage-clock">
        <PauseBadge stage={stage} />
        <Clock live={live} />
      </div>
    </header>
  );
}

function Watched({ live }: { readonly live: Live }) {
  const isUnwatched = live.access.state.value.kind === "granted" && live.filter.value === undefined;
  if (isUnwatched) {
    return (
      <div class="stage-address">
        <span>{say("stage.notWatched")}</span>{" "}
        <button type="button" class="primary" onClick={() => live.watch("#")}>
          {say("stage.watchAll")}
        </button>
      </div>
    );
  }
  return <code class="stage-address">{findMqttAddress(live)}</code>;
}

function PauseBadge({ stage }: { readonly stage: Stage }) {
  if (!stage.isPaused.value) return null;
  const { passed } = stage.figures.value;
  return (
    <span class="stage-paused" role="status">
      {say("stage.paused")}
      {passed > 0 && <small>{say("stage.passed", { count: passed })}</small>}
    </span>
  );
}

function Clock({ live }: { readonly live: Live }) {
  const at = new Date(live.now.value);
  const form = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" } as const;
  const text = new Intl.DateTimeFormat(language.value, form).format(at);
  return <time dateTime={at.toISOString()}>{text}</time>;
}
