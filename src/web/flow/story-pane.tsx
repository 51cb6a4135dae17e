// One story: who sent what where, its waterfall, and the payload.

import type { FlowJson } from "../live/flow-answers.ts";
import { showMarks } from "../parts/visible-marks.ts";
import { toHash } from "../shell/route.ts";
import { formatDuration } from "../words/durations.ts";
import { formatTime } from "../words/quantities.ts";
import { say } from "../words/words.ts";
import { toTotalMs } from "./story-list.ts";
import { StoryPayload } from "./story-payload.tsx";
import { toSenderWords, toStatusOutcome } from "./story-words.ts";
import { WaterfallTable } from "./waterfall-table.tsx";

export type StoryPaneProps = {
  readonly flow: FlowJson;
  /** Nobody chose it: it is shown as the newest. */
  readonly isNewest: boolean;
  readonly onLetter: (id: number) => void;
};

export function StoryPane({ flow, isNewest, onLetter }: StoryPaneProps) {
  const { tone, words } = toStatusOutcome(flow);
  const { sender, left_out } = flow;
  return (
    <article class="story" aria-label={say("flow.story", { topic: flow.topic })}>
      {isNewest && <p class="soft">{say("flow.newest")}</p>}
      <h2>{showMarks(flow.topic)}</h2>
      <p class="story-facts">
        <span class={`badge ${tone}`}>{words}</span>
        {flow.status !== "running" && (
          <span>{say("flow.total", { time: formatDuration(toTotalMs(flow)) })}</span>
        )}
        <span>{toSenderWords(sender)}</span>
        <time dateTime={flow.at}>{formatTime(Date.parse(flow.at))}</time>
        <span>QoS {flow.qos}</span>
        {flow.retain && <span>{say("flow.retain")}</span>}
        {sender.caller !== undefined && (
          <span>{say("flow.caller", { caller: sender.caller })}</span>
        )}
        {sender.request_id !== undefined && (
          <span class="story-request">{say("flow.request", { id: sender.request_id })}</span>
        )}
      </p>
      <p class="story-facts">
        {sender.flow !== undefined && (
          <a href={toHash("flow", `${sender.flow}`)}>↑ {say("flow.parent")}</a>
        )}
        <a href={toHash("topics", flow.topic)}>{say("flow.toTopic")}</a>
      </p>
      <WaterfallTable flow={flow} onLetter={onLetter} />
      {left_out !== undefined && <p class="soft">{say("flow.leftOut", { count: left_out })}</p>}
      <h3>{say("flow.payload")}</h3>
      <StoryPayload message={flow} />
    </article>
  );
}
