// The message as lines that publish it again, to be copied.

import { useEffect, useState } from "preact/hooks";
import { type AsyncApi, toServerWords } from "../docs/server-words.ts";
import type { Live } from "../live/live.ts";
import { CopyLine } from "../parts/copy-line.tsx";
import { say } from "../words/words.ts";
import { toMosquittoLine, toPublishCurl } from "./copy-lines.ts";
import type { HeldMessage } from "./held-messages.ts";
import { toTypeScript } from "./typescript-lines.ts";

export type CopyPartProps = { readonly live: Live; readonly message: HeldMessage };

/** Beyond this a line is no help: it is megabytes in the clipboard. */
const PAYLOAD_BYTES_MAX = 1_000_000;

export function CopyPart({ live, message }: CopyPartProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details class="pane-part" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{say("message.copyTitle")}</summary>
      {isOpen && <Lines live={live} message={message} />}
    </details>
  );
}

function Lines({ live, message }: CopyPartProps) {
  const [where, setWhere] = useState("-h localhost -p 1883");
  useEffect(() => {
    const asked = live.api.ask<AsyncApi>("asyncapi.json");
    // Without the document, the usual port is a fair guess.
    asked.then((document) => setWhere(toServerWords(document))).catch(() => {});
  }, [live]);
  const isWhole = !message.payload_cut && !message.isPreview;
  if (!isWhole || message.payload_bytes > PAYLOAD_BYTES_MAX) {
    return <p class="soft">{say("message.copyCut")}</p>;
  }
  const base = live.api.toUrl("").href;
  return (
    <div class="copy-lines">
      <CopyLine label="mosquitto_pub" text={toMosquittoLine(message, where)} />
      <CopyLine label="curl" text={toPublishCurl(message, base)} />
      <p class="soft">{say("message.lineToken")}</p>
      <p class="soft">{say("message.lineHandler")}</p>
      <CopyLine label="TypeScript" text={toTypeScript(message)} />
    </div>
  );
}
