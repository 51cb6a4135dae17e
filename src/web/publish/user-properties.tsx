// The user properties of the message: names and values, in order; a name may stand twice.

import { say } from "../words/words.ts";
import { changeDraft, type Draft, draft } from "./publish-draft.ts";

type Pair = Draft["userProperties"][number];

export function UserProperties() {
  const pairs = draft.value.userProperties;
  const change = (at: number, pair: Pair) => {
    changeDraft({ userProperties: pairs.with(at, pair) });
  };
  return (
    <fieldset class="user-properties">
      <legend>{say("publish.userProperties")}</legend>
      {pairs.map((pair, at) => (
        <PairRow
          key={String(at)}
          pair={pair}
          number={at + 1}
          onChange={(next) => change(at, next)}
          onRemove={() => changeDraft({ userProperties: pairs.toSpliced(at, 1) })}
        />
      ))}
      <button type="button" onClick={() => changeDraft({ userProperties: [...pairs, ["", ""]] })}>
        {say("publish.addUserProperty")}
      </button>
    </fieldset>
  );
}

type PairRowProps = {
  readonly pair: Pair;
  readonly number: number;
  readonly onChange: (pair: Pair) => void;
  readonly onRemove: () => void;
};

function PairRow({ pair: [name, value], number, onChange, onRemove }: PairRowProps) {
  return (
    <div class="pair">
      <input
        aria-label={say("publish.userNameOf", { number })}
        placeholder={say("publish.userName")}
        autocomplete="off"
        spellcheck={false}
        value={name}
        onInput={({ currentTarget }) => onChange([currentTarget.value, value])}
      />
      <input
        aria-label={say("publish.userValueOf", { number })}
        placeholder={say("publish.userValue")}
        autocomplete="off"
        spellcheck={false}
        value={value}
        onInput={({ currentTarget }) => onChange([name, currentTarget.value])}
      />
      <button
        type="button"
        class="quiet"
        aria-label={say("publish.removeOf", { name: name === "" ? String(number) : name })}
        onClick={onRemove}
      >
        ✕
      </button>
    </div>
  );
}
