// Short words at the edge of the page, as "copied" or what went wrong; they go by themselves, but
// for errors, which stay until they are closed.

import { signal } from "@preact/signals";
import { say } from "../words/words.ts";
import { toErrorWords } from "./error-words.ts";

type Notice = {
  readonly key: number;
  readonly kind: "good" | "bad";
  readonly text: string;
  readonly action: NoticeAction | undefined;
};
/** What a notice offers to do, as to undo what it tells. */
export type NoticeAction = { readonly words: string; readonly run: () => void };

const NOTICES_MAX = 4;
const SHOWN_MS = 4_000;

const notices = signal<readonly Notice[]>([]);
/** Also of those that are closed: the time of one must not close another. */
const shown = signal(0);

/** With an action it stays until that is taken, or it is closed. */
export function showNotice(
  text: string,
  kind: Notice["kind"] = "good",
  action?: NoticeAction,
): void {
  shown.value = shown.peek() + 1;
  const key = shown.peek();
  notices.value = [...notices.peek(), { key, kind, text, action }].slice(-NOTICES_MAX);
  if (kind === "good" && !action) setTimeout(() => closeNotice(key), SHOWN_MS);
}

/** Tells what was thrown in words. */
export function showError(error: unknown): void {
  const { detail, hint } = toErrorWords(error);
  const isWhole = hint === "" || /[.!?]$/.test(detail);
  showNotice(`${detail}${isWhole ? "" : ";"} ${hint}`, "bad");
}

function closeNotice(key: number): void {
  notices.value = notices.peek().filter((notice) => notice.key !== key);
}

function runAction(key: number, { run }: NoticeAction): void {
  closeNotice(key);
  run();
}

export function Notices() {
  return (
    <section class="notices" aria-label={say("shell.notices")} aria-live="polite">
      {notices.value.map(({ key, kind, text, action }) => (
        <p key={key} class={`notice ${kind}`} role={kind === "bad" ? "alert" : "status"}>
          <span>{text}</span>
          {action && (
            <button type="button" onClick={() => runAction(key, action)}>
              {action.words}
            </button>
          )}
          <button type="button" class="quiet" onClick={() => closeNotice(key)}>
            {say("shell.close")}
          </button>
        </p>
      ))}
    </section>
  );
}
