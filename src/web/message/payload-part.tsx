// The payload of the message that is shown, in the view that fits it or that the reader chose.

import { useMemo } from "preact/hooks";
import { formatBytes } from "../words/quantities.ts";
import { say } from "../words/words.ts";
import { HexView, ImageView, TextView } from "./byte-views.tsx";
import { DiffView } from "./diff-view.tsx";
import type { HeldMessage } from "./held-messages.ts";
import { JsonTree } from "./json-tree.tsx";
import { chooseView, listViews, type Payload, type ViewKind } from "./payload-kind.ts";
import { ViewTabs } from "./view-tabs.tsx";

export type ShownView = ViewKind | "diff";

export type PayloadPartProps = {
  readonly message: HeldMessage;
  readonly payload: Payload;
  readonly before: HeldMessage | undefined;
  /** What the reader chose; undefined while the content decides. */
  readonly view: ShownView | undefined;
  readonly onView: (view: ShownView) => void;
  readonly charted: readonly string[];
  readonly onChart: (pointer: string) => void;
};

const LABELS = {
  json: "message.viewJson",
  text: "message.viewText",
  hex: "message.viewHex",
  image: "message.viewImage",
  diff: "message.viewDiff",
} as const;

export function PayloadPart(props: PayloadPartProps) {
  const { message, payload, view, onView } = props;
  const views = useMemo((): ShownView[] => [...listViews(payload), "diff"], [payload]);
  const chosen = view !== undefined && views.includes(view) ? view : chooseView(payload);
  const tabs = views.map((name) => ({ name, label: say(LABELS[name]) }));
  return (
    <section class="pane-part" aria-label={say("message.views")}>
      <ViewTabs
        id="payload"
        label={say("message.views")}
        tabs={tabs}
        chosen={chosen}
        onChoose={onView}
      >
        <CutLine message={message} payload={payload} />
        <View {...props} chosen={chosen} />
      </ViewTabs>
    </section>
  );
}

function View(props: PayloadPartProps & { readonly chosen: ShownView }) {
  const { payload, chosen, before, charted, onChart } = props;
  if (chosen === "diff") return <DiffView payload={payload} before={before} />;
  if (payload.bytes.length === 0) return <p class="soft">{say("message.empty")}</p>;
  if (chosen === "json" && payload.json) {
    return <JsonTree root={payload.json} charted={charted} onChart={onChart} />;
  }
  if (chosen === "image") return <ImageView payload={payload} />;
  return chosen === "hex" ? <HexView payload={payload} /> : <TextView payload={payload} />;
}

type CutLineProps = Pick<PayloadPartProps, "message" | "payload">;

function CutLine({ message, payload }: CutLineProps) {
  if (message.isPreview) return <p class="soft">{say("message.loadingWhole")}</p>;
  if (!message.payload_cut) return null;
  const shown = formatBytes(payload.bytes.length);
  const whole = formatBytes(message.payload_bytes);
  return <p class="cut">{say("message.cut", { shown, whole })}</p>;
}
