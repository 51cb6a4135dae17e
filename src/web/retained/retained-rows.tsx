// The list of retained messages: only the rows in sight are in the page, and the next page is read
// before the reader comes to its end. What strangers wrote is text.

import { useEffect, useRef } from "preact/hooks";
import { useRowHeight } from "../parts/row-height.ts";
import { useVirtualRows } from "../parts/virtual-rows.ts";
import { showMarks } from "../parts/visible-marks.ts";
import { formatAge, formatBytes } from "../words/quantities.ts";
import { say } from "../words/words.ts";
import type { RetainedJson } from "./retained-shapes.ts";

export type RetainedRowsProps = {
  readonly messages: readonly RetainedJson[];
  readonly total: number;
  readonly nowMs: number;
  readonly mayDelete: boolean;
  readonly onShow: (topic: string) => void;
  readonly onDelete: (topic: string) => void;
  /** The end of what is read is in sight. */
  readonly onEnd: () => void;
};

/** As in retained.css. */
const ROW_HEIGHTS = { rem: 3, phoneRem: 5.5 } as const;

export function RetainedRows(props: RetainedRowsProps) {
  const { messages, total, onEnd } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const rowHeightPx = useRowHeight(ROW_HEIGHTS);
  const rows = useVirtualRows({ count: messages.length, rowHeightPx, scroller });
  const items = rows.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= messages.length - 1) onEnd();
  }, [last, messages.length, onEnd]);
  return (
    <div class="retained-list">
      <div class="retained-row names" aria-hidden="true">
        <span>{say("retained.topic")}</span>
        <span>{say("retained.payload")}</span>
        <span>{say("retained.size")}</span>
        <span>{say("retained.qos")}</span>
        <span>{say("retained.age")}</span>
        <span />
      </div>
      <div ref={scroller} class="scroller">
        <ul aria-label={say("retained.title")} style={{ height: `${rows.getTotalSize()}px` }}>
          {items.map(({ index, start }) => {
            const message = messages[index];
            return (
              message && (
                <li
                  key={message.topic}
                  class="retained-row"
                  aria-posinset={index + 1}
                  aria-setsize={total}
                  style={{ transform: `translateY(${start}px)` }}
                >
                  <Row {...props} message={message} />
                </li>
              )
            );
          })}
        </ul>
      </div>
    </div>
  );
}

type RowProps = RetainedRowsProps & { readonly message: RetainedJson };

function Row({ message, nowMs, mayDelete, onShow, onDelete }: RowProps) {
  const { topic, qos, at, payload_bytes: bytes } = message;
  return (
    <>
      <button
        type="button"
        class="quiet topic"
        title={topic}
        aria-label={say("retained.details", { topic })}
        onClick={() => onShow(topic)}
      >
        <bdi>{showMarks(topic)}</bdi>
      </button>
      <code class="payload">
        <bdi>{showMarks(toPreview(message))}</bdi>
      </code>
      <span class="size">{formatBytes(bytes)}</span>
      <span class="qos">{qos}</span>
      <span class="age" title={at ?? say("retained.ageUnknown")}>
        {at === undefined ? "–" : formatAge(nowMs - Date.parse(at))}
      </span>
      {mayDelete && (
        <button
          type="button"
          class="quiet delete"
          aria-label={say("retained.deleteOne", { topic })}
          onClick={() => onDelete(topic)}
        >
          {say("retained.delete")}
        </button>
      )}
    </>
  );
}

function toPreview({ payload, payload_encoding: encoding, payload_bytes: bytes }: RetainedJson) {
  if (encoding === "base64") return say("retained.binary", { bytes: formatBytes(bytes) });
  return payload;
}
