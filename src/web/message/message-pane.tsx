// One topic with its last message, beside the tree of topics: the payload in several views, its
// properties, a chart of its numbers, what passed before, and how to send it again.

import { useEffect, useMemo, useState } from "preact/hooks";
import { ChartPart } from "../chart/chart-part.tsx";
import type { Live } from "../live/live.ts";
import type { LastMessage } from "../live/topic-tree.ts";
import { showMarks } from "../parts/visible-marks.ts";
import { toHash } from "../shell/route.ts";
import { formatAge, formatBytes, formatTime } from "../words/quantities.ts";
import { say } from "../words/words.ts";
import { CopyPart } from "./copy-part.tsx";
import { ExportPart } from "./export-part.tsx";
import type { HeldMessage } from "./held-messages.ts";
import { HistoryPart } from "./history-part.tsx";
import { readPayload } from "./payload-kind.ts";
import { PayloadPart, type ShownView } from "./payload-part.tsx";
import { PropertyList } from "./property-list.tsx";
import { createTopicHistory, type TopicHistory } from "./topic-history.ts";

export type MessagePaneProps = {
  readonly live: Live;
  readonly topic: string;
  /** Undefined while none has passed; its payload may be cut (`isPreview`, `payload_cut`). */
  readonly last: LastMessage | undefined;
};

// Each topic has a pane of its own: nothing of one is shown with another.
export function MessagePane(props: MessagePaneProps) {
  return <TopicPane key={props.topic} {...props} />;
}

function TopicPane({ live, topic, last }: MessagePaneProps) {
  const history = useMemo(() => createTopicHistory(live, topic), [live, topic]);
  useEffect(() => history.open(), [history]);
  useEffect(() => {
    if (last) history.noteLast(last);
  }, [history, last]);
  const message = history.shown.value;
  return (
    <article class="message-pane" aria-label={topic}>
      <header class="pane-head">
        <h2>{showMarks(topic)}</h2>
        {live.access.may("publish") && (
          <a href={toHash("publish", topic)}>{say("message.publish")}</a>
        )}
      </header>
      {message ? (
        <MessageParts live={live} topic={topic} history={history} message={message} />
      ) : (
        <p>
          {say("message.none")} <span class="soft">{say("message.noneHint")}</span>
        </p>
      )}
    </article>
  );
}

type MessagePartsProps = {
  readonly live: Live;
  readonly topic: string;
  readonly history: TopicHistory;
  readonly message: HeldMessage;
};

function MessageParts({ live, topic, history, message }: MessagePartsProps) {
  const [view, setView] = useState<ShownView>();
  const [charted, setCharted] = useState<readonly string[]>([]);
  const payload = useMemo(() => readPayload(message), [message]);
  const toggle = (pointer: string) => {
    const isIn = charted.includes(pointer);
    setCharted(isIn ? charted.filter((one) => one !== pointer) : [...charted, pointer]);
  };
  return (
    <>
      <Facts live={live} message={message} />
      <PayloadPart
        message={message}
        payload={payload}
        before={history.before.value}
        view={view}
        onView={setView}
        charted={charted}
        onChart={toggle}
      />
      {charted.length > 0 && (
        <ChartPart
          messages={history.messages.value}
          pointers={charted}
          onRemove={toggle}
          onClear={() => setCharted([])}
        />
      )}
      <PropertyList properties={message.properties} />
      <HistoryPart history={history} />
      <ExportPart api={live.api} topic={topic} shown={message} />
      <CopyPart live={live} message={message} />
    </>
  );
}

type FactsProps = { readonly live: Live; readonly message: HeldMessage };

function Facts({ live, message }: FactsProps) {
  const { id, at, qos, retain, payload_bytes, properties } = message;
  const ms = id / 1000;
  const age = formatAge(live.now.value - ms);
  return (
    <section class="pane-facts" aria-label={say("message.facts")}>
      <time dateTime={at}>{formatTime(ms, live.now.value)}</time>
      <span class="soft">{say("message.ago", { age })}</span>
      <span>{formatBytes(payload_bytes)}</span>
      <span>{say("message.quality", { level: qos })}</span>
      {retain && (
        <span class="badge" title={say("message.retainedHint")}>
          {say("message.retained")}
        </span>
      )}
      {properties?.content_type !== undefined && <code>{properties.content_type}</code>}
    </section>
  );
}
