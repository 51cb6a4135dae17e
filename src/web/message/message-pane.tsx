// One topic with its last message, beside the tree of topics.

import type { Live } from "../live/live.ts";
import type { LastMessage } from "../live/topic-tree.ts";

export type MessagePaneProps = {
  readonly live: Live;
  readonly topic: string;
  /** Undefined while none has passed; its payload may be cut (`isPreview`, `payload_cut`). */
  readonly last: LastMessage | undefined;
};

export function MessagePane({ topic, last }: MessagePaneProps) {
  return (
    <article class="message-pane">
      <h2>{topic}</h2>
      <pre>{last?.payload}</pre>
    </article>
  );
}
