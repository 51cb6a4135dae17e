// The reply to a question: what it says, its properties, and how long it took.

import { formatBytes, formatNumber } from "../words/quantities.ts";
import { say } from "../words/words.ts";
import type { Reply } from "./publish-outcome.ts";

export type ReplyViewProps = { readonly reply: Reply; readonly topic: string };

const SHOWN_CHARACTERS_MAX = 20_000;
const HEX_BYTES_MAX = 512;
const OK = 200;

export function ReplyView({ reply, topic }: ReplyViewProps) {
  const { status, bytes, tookMs, userProperties } = reply;
  const isBad = status >= 400;
  const rows = [
    ["publish.replyTopicIs", reply.topic],
    ["publish.contentType", reply.contentType],
    ["publish.expiry", reply.expirySeconds ?? ""],
    ["publish.replyQos", reply.qos],
    ["publish.replyStatus", status === OK ? "" : String(status)],
  ] as const;
  return (
    <div class={isBad ? "outcome bad" : "outcome good"}>
      <p>
        <strong>
          {say("publish.replied", { took: formatNumber(tookMs, tookMs < 10 ? 1 : 0) })}
        </strong>{" "}
        <code>{topic}</code> · {formatBytes(bytes.length)}
      </p>
      <pre class="reply">{toPayloadText(bytes)}</pre>
      <dl class="reply-facts">
        {rows.map(([key, text]) => text !== "" && <Fact key={key} name={say(key)} text={text} />)}
        {userProperties.map(([name, value], at) => (
          <Fact key={`${name} ${at}`} name={name} text={value} />
        ))}
      </dl>
    </div>
  );
}

function Fact({ name, text }: { readonly name: string; readonly text: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{text}</dd>
    </div>
  );
}

// As JSON with line breaks, as text, or as bytes.
function toPayloadText(bytes: Reply["bytes"]): string {
  if (bytes.length === 0) return say("publish.emptyReply");
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return toPretty(text).slice(0, SHOWN_CHARACTERS_MAX);
  } catch {
    return bytes.slice(0, HEX_BYTES_MAX).toHex().replaceAll(/../g, "$& ");
  }
}

function toPretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text; // It is no JSON.
  }
}
