// Short words at the edge of the page, as "copied" or what went wrong; they go by themselves, but
// for errors, which stay until they are closed.

import { signal } from "@preact/signals";
import { say } from "../words/words.ts";
import { toErrorWords } from "./error-words.ts";

type Notice = { readonly key: number; readonly kind: "good" | "bad"; readonly text: string };

const NOTICES_MAX = 4;
const SHOWN_MS = 4_000;

const notices = signal<readonly Notice[]>([]);

export function showNotice(text: string, kind: Notice["kind"] = "good"): void {
  const key = (notices.peek().at(-1)?.key ?? 0) + 1;
  notices.value = [...notices.peek(), { key, kind, text }].slice(-NOTICES_MAX);
  if (kind === "good") setTimeout(() => closeNotice(key), SHOWN_MS);
}

/** Tells what was thrown in words. */
export function showError(error: unknown): void {
  const { detail, hint } = toErrorWords(error);
  showNotice(`${detail} ${hint}`, "bad");
}

function closeNotice(key: number): void {
  notices.value = notices.peek().filter((notice) => notice.key !== key);
}

export function Notices() {
  return (
    <section class="notices" aria-label={say("shell.notices")} aria-live="polite">
      {notices.value.map(({ key, kind, text }) => (
        <p key={key} class={`notice ${kind}`} role={kind === "bad" ? "alert" : "status"}>
          {text}
          <button type="button" class="quiet" onClick={() => closeNotice(key)}>
            {say("shell.close")}
          </button>
        </p>
      ))}
    </section>
  );
}
