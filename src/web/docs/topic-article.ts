// One operation of the AsyncAPI document: a topic that the bridge receives or sends on, its
// payload, and the lines of Mosquitto's tools for it.

import { type JsonSchema, quote } from "./curl-line.ts";
import { make, makeLine, makeWords } from "./elements.ts";
import { resolve, toExample } from "./json-example.ts";
import { makeSchema } from "./schema-view.ts";
import { toServerWords } from "./server-words.ts";

type Pointer = { readonly $ref: string };
type Part = Readonly<Record<string, unknown>>;

/** As the document has it; what is written in it is read defensively. */
export type TopicOperation = {
  readonly action: "receive" | "send";
  readonly channel: Pointer;
  readonly title?: string;
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly { readonly name: string }[];
  readonly messages?: readonly Pointer[];
  readonly reply?: { readonly channel: Pointer; readonly messages?: readonly Pointer[] };
  readonly bindings?: { readonly mqtt?: { readonly qos?: number } };
};

export function makeTopic(id: string, operation: TopicOperation, root: Part): HTMLElement {
  const { action, channel: at, summary = "", description = "", tags = [] } = operation;
  const channel = resolve(at, root);
  const address = String(channel.address ?? "");
  const payloads = listPayloads(operation.messages, root);
  const replies = listPayloads(operation.reply?.messages, root);
  const facts = [`QoS ${operation.bindings?.mqtt?.qos ?? 0}`, ...tags.map(({ name }) => name)];
  const fields = [
    ...payloads.map((one) => makePayload(one, "Payload", root)),
    ...replies.map((one) => makePayload(one, "Reply", root)),
  ];
  return make(
    "article",
    { id, "aria-labelledby": `${id}-title` },
    make(
      "h3",
      { id: `${id}-title` },
      make("span", { class: `method ${action}` }, action === "receive" ? "PUBLISH" : "SUBSCRIBE"),
      " ",
      make("code", {}, address),
    ),
    make("p", { class: "summary" }, make("strong", {}, `${summary}.`), " ", makeWords(description)),
    make("p", { class: "facts" }, facts.join(" · ")),
    make(
      "div",
      { class: "sides" },
      make("div", {}, fields),
      makeLines(operation, address, payloads[0], root),
    ),
  );
}

type Payload = { readonly schema: JsonSchema; readonly contentType: string };

function listPayloads(pointers: readonly Pointer[] = [], root: Part): Payload[] {
  return pointers.map((pointer) => {
    const message = resolve(resolve(pointer, root), root);
    const contentType = String(message.contentType ?? "application/json");
    return { schema: (message.payload ?? {}) as JsonSchema, contentType };
  });
}

function makePayload({ schema, contentType }: Payload, label: string, root: Part): HTMLElement {
  const words = `${label} (${contentType})`;
  const { description } = resolve(schema, root);
  return make(
    "details",
    { open: true },
    make("summary", {}, words),
    typeof description === "string" ? make("p", {}, makeWords(description)) : "",
    makeSchema(schema, root),
  );
}

function makeLines(
  { action, reply, bindings }: TopicOperation,
  address: string,
  payload: Payload | undefined,
  root: Part,
): HTMLElement {
  const parameters = [...address.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  const inputs = parameters.map((name) => [name, make("input", { value: name })] as const);
  const text = make("textarea", { rows: "4", spellcheck: "false" });
  text.value = payload ? toText(payload, root) : "";
  const pub = makeLine("mosquitto_pub", "");
  const sub = makeLine("mosquitto_sub", "");
  const ask = makeLine("mosquitto_rr", "");
  const update = () => {
    const topic = inputs.reduce(
      (all, [name, { value }]) => all.replace(`{${name}}`, value),
      address,
    );
    const where = toServerWords(root);
    const message = `-q ${bindings?.mqtt?.qos ?? 1} -m ${quote(text.value)}`;
    pub.update(`mosquitto_pub ${where} -t ${quote(topic)} ${message}`);
    sub.update(`mosquitto_sub ${where} -v -t ${quote(toFilter(address))}`);
    ask.update(`mosquitto_rr ${where} -V 5 -t ${quote(topic)} -e my/answers ${message}`);
  };
  const isReceived = action === "receive";
  const fields = inputs.map(([name, input]) => make("label", {}, make("code", {}, name), input));
  const lines = isReceived ? [pub, ...(reply ? [ask] : []), sub] : [sub];
  const form = make(
    "form",
    { "aria-label": `lines for ${address}` },
    isReceived ? [...fields, make("label", {}, "payload", text)] : undefined,
    lines.map(({ element }) => element),
  );
  form.addEventListener("input", update);
  form.addEventListener("submit", (event) => event.preventDefault());
  update();
  return form;
}

function toText({ schema, contentType }: Payload, root: Part): string {
  const example = toExample(schema, root);
  if (contentType === "application/json") return JSON.stringify(example);
  return typeof example === "string" ? example : "text";
}

function toFilter(address: string): string {
  return address.replaceAll(/\{\w+\}/g, "+");
}
