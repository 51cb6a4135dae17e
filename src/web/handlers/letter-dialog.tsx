// A dead letter, whole: its payload, why it failed, and what can be done with it.

import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { StoryPayload } from "../flow/story-payload.tsx";
import type { LetterJson } from "../live/handler-answers.ts";
import type { Live } from "../live/live.ts";
import { Dialog } from "../parts/dialog.tsx";
import { ErrorBox } from "../shell/error-box.tsx";
import { toHash } from "../shell/route.ts";
import { formatTime } from "../words/quantities.ts";
import { say } from "../words/words.ts";
import { deleteLetter, findRedriveFlow, getLetter, redriveLetter } from "./letter-actions.ts";
import { LetterDeleteButton } from "./letter-delete-button.tsx";

export type LetterDialogProps = {
  readonly live: Live;
  /** Undefined when none is shown. */
  readonly id: number | undefined;
  readonly onClose: () => void;
};

type Progress = {
  readonly kind: "open" | "busy" | "handled" | "deleted";
  readonly failure?: unknown;
  /** In which it was handled again. */
  readonly flow?: number | undefined;
};

export function LetterDialog({ live, id, onClose }: LetterDialogProps) {
  const title = id === undefined ? "" : say("handlers.letter", { letter: `${id}` });
  return (
    <Dialog title={title} isOpen={id !== undefined} onClose={onClose}>
      {id !== undefined && <Letter key={id} live={live} id={id} onClose={onClose} />}
    </Dialog>
  );
}

type LetterProps = { readonly live: Live; readonly id: number; readonly onClose: () => void };

function Letter({ live, id, onClose }: LetterProps) {
  const letter = useSignal<LetterJson | undefined>(undefined);
  const progress = useSignal<Progress>({ kind: "open" });
  const load = async () => {
    letter.value = await getLetter(live.api, id);
  };
  useEffect(() => {
    load().catch((failure) => {
      progress.value = { kind: "open", failure };
    });
  }, [id]);
  return (
    <div class="letter">
      {letter.value && <LetterFacts letter={letter.value} />}
      {letter.value && <Stack text={letter.value.stack} />}
      <Result progress={progress.value} onClose={onClose} />
      {letter.value && live.access.may("admin") && (
        <Actions live={live} letter={letter.value} progress={progress} onFailed={load} />
      )}
    </div>
  );
}

function LetterFacts({ letter }: { readonly letter: LetterJson }) {
  const { handler, topic, received_at, code, reason, path, attempts, redrives } = letter;
  return (
    <>
      <p class="failure">
        <strong>{code}</strong> {reason} {path !== undefined && <code>{path}</code>}
      </p>
      <dl class="letter-facts">
        <dt>{say("handlers.handler")}</dt>
        <dd>{handler}</dd>
        <dt>{say("handlers.topic")}</dt>
        <dd>{topic}</dd>
        <dt>{say("handlers.received")}</dt>
        <dd>{formatTime(Date.parse(received_at))}</dd>
        <dt>{say("handlers.attempts")}</dt>
        <dd>{say("handlers.attemptsCount", { attempts, redrives })}</dd>
      </dl>
      <h3>{say("flow.payload")}</h3>
      <StoryPayload message={letter} />
    </>
  );
}

function Stack({ text }: { readonly text: string | undefined }) {
  if (text === undefined) return null;
  return (
    <details>
      <summary>{say("handlers.stack")}</summary>
      <pre>{text}</pre>
    </details>
  );
}

type ResultProps = { readonly progress: Progress; readonly onClose: () => void };

function Result({ progress: { kind, failure, flow }, onClose }: ResultProps) {
  return (
    <div role="status">
      {kind === "busy" && <p>{say("handlers.busy")}</p>}
      {kind === "handled" && <p class="letter-good">{say("handlers.handledAgain")}</p>}
      {kind === "deleted" && <p class="letter-good">{say("handlers.deleted")}</p>}
      {failure !== undefined && <ErrorBox error={failure} />}
      {flow !== undefined && (
        <p>
          <a href={toHash("flow", `${flow}`)} onClick={onClose}>
            {say("handlers.seeFlow")}
          </a>
        </p>
      )}
    </div>
  );
}

type ActionsProps = {
  readonly live: Live;
  readonly letter: LetterJson;
  readonly progress: Signal<Progress>;
  /** It was in vain: the letter is another now. */
  readonly onFailed: () => Promise<void>;
};

function Actions({ live: { api }, letter, progress, onFailed }: ActionsProps) {
  const { kind } = progress.value;
  if (kind === "handled" || kind === "deleted") return null;
  const redrive = async () => {
    progress.value = { kind: "busy" };
    const failure = await toFailure(redriveLetter(api, letter.id));
    if (failure !== undefined) await toFailure(onFailed());
    // Where no flows are told, there is none to see.
    const flow = await findRedriveFlow(api, letter).catch(() => undefined);
    progress.value = { kind: failure === undefined ? "handled" : "open", failure, flow };
  };
  const remove = async () => {
    const failure = await toFailure(deleteLetter(api, letter.id));
    progress.value = { kind: failure === undefined ? "deleted" : "open", failure };
  };
  return (
    <p class="letter-actions">
      <button type="button" class="primary" disabled={kind === "busy"} onClick={redrive}>
        {say("handlers.redrive")}
      </button>
      <LetterDeleteButton isDisabled={kind === "busy"} onDelete={remove} />
    </p>
  );
}

/** Undefined when it went well. */
function toFailure(doing: Promise<void>): Promise<unknown> {
  return doing.then(
    () => undefined,
    (error) => error,
  );
}
