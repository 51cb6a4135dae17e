// The newest dead letters, each to be seen, sent again, or deleted.

import { useSignal } from "@preact/signals";
import type { LetterJson, LettersJson } from "../live/handler-answers.ts";
import type { Live } from "../live/live.ts";
import { showError, showNotice } from "../shell/notices.tsx";
import { formatTime } from "../words/quantities.ts";
import { say } from "../words/words.ts";
import { deleteLetter, redriveAll, redriveLetter } from "./letter-actions.ts";
import { LetterDeleteButton } from "./letter-delete-button.tsx";

export type LetterListProps = {
  readonly live: Live;
  readonly letters: LettersJson;
  readonly onOpen: (id: number) => void;
  /** One was sent again or deleted. */
  readonly onChange: () => Promise<void>;
};

export function LetterList(props: LetterListProps) {
  const { dead_letters, total } = props.letters;
  return (
    <section class="letter-list">
      <h2>{say("handlers.letters", { count: total })}</h2>
      {total === 0 && <p class="soft">{say("handlers.noLetters")}</p>}
      {total > dead_letters.length && (
        <p class="soft">{say("handlers.newestLetters", { shown: dead_letters.length })}</p>
      )}
      {props.live.access.may("admin") && <RedriveAll {...props} />}
      <ul>
        {dead_letters.map((letter) => (
          <LetterLine key={letter.id} letter={letter} {...props} />
        ))}
      </ul>
    </section>
  );
}

// By handler, since one that is mended should not wait for one that is not.
function RedriveAll({ live: { api }, letters, onChange }: LetterListProps) {
  const busy = useSignal(false);
  const counts = Map.groupBy(letters.dead_letters, ({ handler }) => handler);
  const several = [...counts].filter(([, some]) => some.length > 1);
  const redrive = async (handler: string) => {
    busy.value = true;
    await redriveAll(api, handler).then(
      (result) => showNotice(say("handlers.redriven", result), result.failed > 0 ? "bad" : "good"),
      showError,
    );
    busy.value = false;
    await onChange();
  };
  if (several.length === 0) return null;
  return (
    <p class="letter-actions">
      {several.map(([handler]) => (
        <button type="button" key={handler} disabled={busy} onClick={() => redrive(handler)}>
          {say("handlers.redriveAll", { handler })}
        </button>
      ))}
    </p>
  );
}

type LetterLineProps = LetterListProps & { readonly letter: LetterJson };

function LetterLine({ live: { access, api }, letter, onOpen, onChange }: LetterLineProps) {
  const { id, at, handler, topic, code, reason } = letter;
  const busy = useSignal(false);
  const act = async (doing: Promise<void>, words: string) => {
    busy.value = true;
    await doing.then(() => showNotice(words), showError);
    busy.value = false;
    await onChange();
  };
  const redrive = () => act(redriveLetter(api, id), say("handlers.handledAgain"));
  const remove = () => act(deleteLetter(api, id), say("handlers.deleted"));
  return (
    <li>
      <div class="letter-words">
        <strong>{topic}</strong>
        <span class="soft">
          {say("handlers.letter", { letter: `${id}` })} · {formatTime(Date.parse(at))} · {handler}
        </span>
        <span class="letter-reason">
          <strong>{code}</strong> {reason}
        </span>
      </div>
      <div class="letter-actions">
        <button type="button" onClick={() => onOpen(id)}>
          {say("handlers.look")}
        </button>
        {access.may("admin") && (
          <>
            <button type="button" disabled={busy} onClick={redrive}>
              {say("handlers.redrive")}
            </button>
            <LetterDeleteButton isDisabled={busy.value} onDelete={remove} />
          </>
        )}
      </div>
    </li>
  );
}
