// Sends what a form describes and shows the answer as it comes: a stream goes on until it is
// stopped.

import type { BuiltRequest } from "./curl-line.ts";
import { make } from "./elements.ts";

/** More than anyone reads; a stream stops there. */
const SHOWN_CHARACTERS_MAX = 100_000;

export function makeSender(read: () => BuiltRequest, base: string, getToken: () => string) {
  const button = make("button", { type: "submit" }, "Send");
  const stop = make("button", { type: "button", hidden: true }, "Stop");
  const status = make("p", { class: "answer-status", role: "status" });
  const shown = make("pre", { tabindex: "0", "aria-label": "the answer", hidden: true });
  let stopping = new AbortController();
  stop.addEventListener("click", () => stopping.abort());

  async function send(): Promise<void> {
    stopping.abort();
    stopping = new AbortController();
    const { signal } = stopping;
    const startedAtMs = performance.now();
    shown.textContent = "";
    stop.hidden = false;
    try {
      const response = await fetch(`${base}${read().path}`, toInit(read(), getToken(), signal));
      const took = Math.round(performance.now() - startedAtMs);
      const type = response.headers.get("Content-Type") ?? "no content";
      status.textContent = `${response.status} ${response.statusText}, ${type}, ${took} ms`;
      status.className = `answer-status s${String(response.status)[0]}`;
      await show(response, shown);
    } catch (error) {
      if (!signal.aborted) status.textContent = `no answer: ${error}`;
    } finally {
      if (signal === stopping.signal) stop.hidden = true;
    }
  }

  return { buttons: [button, stop], output: make("div", {}, status, shown), send };
}

function toInit({ method, headers, body }: BuiltRequest, token: string, signal: AbortSignal) {
  const authorization = token === "" ? {} : { Authorization: `Bearer ${token}` };
  const all = { ...headers, ...authorization };
  return { method, headers: all, signal, ...(body !== undefined && { body }) };
}

async function show(response: Response, shown: HTMLElement): Promise<void> {
  const decoder = new TextDecoder();
  const reader = response.body?.getReader();
  let text = "";
  while (reader) {
    const { done, value } = await reader.read();
    if (done) break;
    text += decoder.decode(value, { stream: true });
    shown.hidden = false;
    shown.textContent = text;
    if (text.length > SHOWN_CHARACTERS_MAX) return reader.cancel();
  }
  shown.hidden = text === "";
  shown.textContent = tidy(text, response.headers.get("Content-Type") ?? "");
}

function tidy(text: string, type: string): string {
  if (!type.includes("json")) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text; // NDJSON, or a payload that only calls itself JSON.
  }
}
