// What the message says: a form where the topic has a type, else text; the reader may switch.

import { useId } from "preact/hooks";
import { formatBytes } from "../words/quantities.ts";
import { say } from "../words/words.ts";
import { ChoiceSwitch } from "./choice-switch.tsx";
import { MarkedField } from "./marked-field.tsx";
import { changeDraft, draft, type Encoding } from "./publish-draft.ts";
import type { PublishModel } from "./publish-model.ts";
import { SchemaField } from "./schema-field.tsx";
import { toIssueWords } from "./schema-words.ts";
import { toBytes } from "./sent-message.ts";

export type PayloadPartProps = { readonly model: PublishModel };

const ISSUES_SHOWN_MAX = 5;
const ENCODINGS = ["json", "text", "base64"] as const;

export function PayloadPart({ model }: PayloadPartProps) {
  const typed = model.typed.value;
  const isForm = model.formValue.value !== undefined;
  return (
    <section class="payload-part">
      <header>
        <h2>{say("publish.payload")}</h2>
        {typed?.hasForm && <FormSwitch isForm={isForm} canBeForm={isJson(model)} />}
        {!isForm && <FormatButton model={model} />}
        {!isForm && <EncodingSelect />}
      </header>
      {isForm ? <PayloadForm model={model} /> : <PayloadText model={model} />}
    </section>
  );
}

type FormSwitchProps = { readonly isForm: boolean; readonly canBeForm: boolean };

function FormSwitch({ isForm, canBeForm }: FormSwitchProps) {
  const form = {
    text: say("publish.form"),
    isChosen: isForm,
    isDisabled: !isForm && !canBeForm,
    onChoose: () => changeDraft({ isRaw: false, encoding: "json" }),
  };
  const raw = {
    text: say("publish.raw"),
    isChosen: !isForm,
    onChoose: () => changeDraft({ isRaw: true }),
  };
  return <ChoiceSwitch label={say("publish.payloadAs")} choices={[form, raw]} />;
}

function FormatButton({ model }: PayloadPartProps) {
  const { text, encoding } = draft.value;
  if (encoding !== "json") return null;
  const canFormat = text !== "" && model.problems.value.text === undefined;
  return (
    <button type="button" class="quiet" disabled={!canFormat} onClick={format}>
      {say("publish.format")}
    </button>
  );
}

function EncodingSelect() {
  const id = useId();
  return (
    <div class="encoding">
      <label for={id}>{say("publish.encoding")}</label>
      <select
        id={id}
        value={draft.value.encoding}
        onChange={({ currentTarget }) => {
          changeDraft({ encoding: currentTarget.value as Encoding });
        }}
      >
        {ENCODINGS.map((encoding) => (
          <option key={encoding} value={encoding}>
            {say(`publish.${encoding}`)}
          </option>
        ))}
      </select>
    </div>
  );
}

function PayloadForm({ model }: PayloadPartProps) {
  const typed = model.typed.value;
  const form = model.formValue.value;
  if (!typed || !form) return null;
  const visit = (pointer: string) => {
    const known = model.visited.peek();
    if (known !== "all") model.visited.value = new Set([...known, pointer]);
  };
  const facts = {
    root: typed.root,
    issues: model.issues.value,
    visited: model.visited.value,
    visit,
  };
  return (
    <SchemaField
      key={typed.pattern}
      form={facts}
      schema={typed.schema}
      pointer=""
      label={say("publish.payload")}
      value={form.value}
      onRemove={undefined}
      onChange={(value) => {
        changeDraft({ text: value === undefined ? "" : JSON.stringify(value, null, 2) });
      }}
    />
  );
}

function PayloadText({ model }: PayloadPartProps) {
  const { text, encoding } = draft.value;
  const problem = model.problems.value.text;
  return (
    <>
      <MarkedField
        label={say("publish.payloadText")}
        hint={problem || text === "" ? undefined : toSize()}
        problem={problem && say(`publish.${problem}`)}
      >
        {(marks) => (
          <textarea
            {...marks}
            rows={10}
            placeholder={encoding === "json" ? '{ "celsius": 21.5 }' : undefined}
            spellcheck={false}
            autocapitalize="off"
            value={text}
            onInput={({ currentTarget }) => changeDraft({ text: currentTarget.value })}
          />
        )}
      </MarkedField>
      <TypeWarning model={model} />
    </>
  );
}

// Written by hand it may be sent all the same: to see what the handler makes of it.
function TypeWarning({ model }: PayloadPartProps) {
  const issues = model.issues.value;
  if (issues.length === 0) return null;
  return (
    <div class="type-warning" role="status">
      <p>{say("publish.doesNotFit")}</p>
      <ul>
        {issues.slice(0, ISSUES_SHOWN_MAX).map((issue) => (
          <li key={`${issue.pointer} ${issue.rule}`}>
            <code>{issue.pointer.slice(1).replaceAll("/", ".")}</code> {toIssueWords(issue)}
          </li>
        ))}
      </ul>
    </div>
  );
}

function format(): void {
  changeDraft({ text: JSON.stringify(JSON.parse(draft.peek().text), null, 2) });
}

function toSize(): string {
  return formatBytes(toBytes(draft.value).length);
}

function isJson(model: PublishModel): boolean {
  const { text, encoding } = draft.value;
  return text === "" || (encoding === "json" && model.problems.value.text === undefined);
}
