// Who stands on the stage: a box for each device, for the broker, and for each handler with its
// last reply beside it.

import type { Live } from "../live/live.ts";
import { CopyLine } from "../parts/copy-line.tsx";
import { useLoginWords } from "../parts/login-words.ts";
import { formatShort, formatShortRate } from "../words/quantities.ts";
import { say } from "../words/words.ts";
import { findMqttAddress } from "./join-panel.tsx";
import type { Stage } from "./stage.ts";
import { Value } from "./stage-cards.tsx";
import type { Actor } from "./stage-cast.ts";
import { type Box, isNarrow, type StageLayout } from "./stage-layout.ts";

export type StageBoxesProps = { readonly stage: Stage; readonly layout: StageLayout };

/** Lower boxes have room for a name alone. */
const LOW_PX = 62;

export function DeviceBoxes({ stage, layout }: StageBoxesProps) {
  return stage.devices.value.map((actor, at) => {
    const box = layout.devices[at];
    const dim = stage.isLit(actor.topic) ? "" : " dim";
    return (
      box && (
        <div
          key={actor.name}
          class={`actor device hue-${actor.hue}${dim}${toLow(box)}`}
          style={toStyle(box)}
        >
          <ActorWords actor={actor} isLow={isLow(box)} />
        </div>
      )
    );
  });
}

export function HandlerBoxes({ stage, layout }: StageBoxesProps) {
  const actors = stage.handlers.value;
  return actors.map((actor, at) => {
    const box = layout.handlers[at];
    const reply = layout.replies[at];
    const dim = stage.isLit(actor.topic) ? "" : " dim";
    return (
      box && [
        <div key={actor.name} class={`actor handler${dim}${toLow(box)}`} style={toStyle(box)}>
          <ActorWords actor={actor} isLow={isLow(box)} />
        </div>,
        reply && (
          <div key={`${actor.name} reply`} class={`actor reply${dim}`} style={toStyle(reply)}>
            <ReplyWords stage={stage} topic={actor.replyTopic} />
          </div>
        ),
      ]
    );
  });
}

function ActorWords({ actor, isLow }: { readonly actor: Actor; readonly isLow: boolean }) {
  const { name, topic, messages, failed } = actor;
  return (
    <>
      <strong>
        <LevelWords text={name} />
      </strong>
      <span class="actor-count">{messages > 0 && formatShort(messages)}</span>
      {!isLow && failed > 0 && (
        <small class="actor-failed">{say("stage.failed", { count: failed })}</small>
      )}
      {!isLow && failed === 0 && topic !== "" && topic !== name && <small>{topic}</small>}
    </>
  );
}

// A line may break behind each level.
function LevelWords({ text }: { readonly text: string }) {
  const [first = "", ...others] = text.split("/");
  return [first, ...others.map((level) => ["/", <wbr key={level} />, level])];
}

function ReplyWords({
  stage,
  topic,
}: {
  readonly stage: Stage;
  readonly topic?: string | undefined;
}) {
  if (topic === undefined) return <small>{say("stage.noReply")}</small>;
  const words = stage.findLast(topic);
  return (
    <>
      <small>{topic}</small>
      {words && <Value words={words} />}
    </>
  );
}

export function BrokerBox({ stage, layout }: StageBoxesProps) {
  const { messages, perSecond, topics, more } = stage.figures.value;
  return (
    <div class="actor broker" style={toStyle(layout.broker)}>
      <h2>{say("stage.broker")}</h2>
      <p class="broker-rate">{formatShortRate(perSecond)}</p>
      <p>{say("stage.perSecond")}</p>
      <p class="soft">
        {say("stage.inAll", { count: messages })}
        <br />
        {say("stage.topics", { count: topics })}
      </p>
      <p class="broker-more">{more > 0 && say("stage.more", { count: more })}</p>
    </div>
  );
}

type NothingYetProps = { readonly live: Live; readonly layout: StageLayout };

export function NothingYet({ live, layout }: NothingYetProps) {
  const login = useLoginWords(live);
  const address = findMqttAddress(live);
  if (address === undefined) return null;
  const { hostname, port } = new URL(address.replace(/^\w+:/, "http:"));
  const where = `-h ${hostname} -p ${port || "1883"}${login}`;
  const line = `mosquitto_pub ${where} -t hello/world -m 42`;
  return (
    <div
      class="stage-nothing"
      style={isNarrow(layout) ? {} : { width: `${layout.broker.x - 24}px` }}
    >
      <p>{say("stage.noDevices")}</p>
      <CopyLine text={line} label="mosquitto_pub" />
    </div>
  );
}

function isLow({ height }: Box): boolean {
  return height < LOW_PX;
}

function toLow(box: Box): string {
  return isLow(box) ? " low" : "";
}

function toStyle({ x, y, width, height }: Box) {
  return { left: `${x}px`, top: `${y}px`, width: `${width}px`, height: `${height}px` };
}
