// Where the message goes: the topic, with suggestions, and the parameters of a typed one as fields.

import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { Live } from "../live/live.ts";
import { SEARCH_FIELD } from "../shell/keyboard.ts";
import { say } from "../words/words.ts";
import { MarkedField } from "./marked-field.tsx";
import { changeDraft, draft } from "./publish-draft.ts";
import type { PublishModel } from "./publish-model.ts";
import { listSuggestions } from "./topic-suggestions.ts";
import { listParameters } from "./typed-topics.ts";

export type TopicPartProps = { readonly live: Live; readonly model: PublishModel };

const OFFERED_MAX = 8;

export function TopicPart({ live, model }: TopicPartProps) {
  const { topic } = draft.value;
  const typed = model.typed.value;
  const parameters = listParameters(typed, topic);
  return (
    <section class="topic-part">
      <TopicField live={live} model={model} />
      {parameters.length > 0 && (
        <div class="parameters">
          {parameters.map((name) => (
            <ParameterField key={name} name={name} model={model} />
          ))}
        </div>
      )}
      {typed && (
        <p class="soft small">
          <span class="badge typed">{say("publish.typed")}</span>{" "}
          {say(typed.isAnswered ? "publish.typedAnswered" : "publish.typedWords")}
          {parameters.length > 0 && !model.problems.value.topic && (
            <>
              {" "}
              <span aria-hidden="true">→</span> <code>{model.topic.value}</code>
            </>
          )}
        </p>
      )}
      {topic === "" && <Offers model={model} />}
    </section>
  );
}

function TopicField({ live, model }: TopicPartProps) {
  const list = useId();
  const field = useRef<HTMLInputElement>(null);
  const [isFocused, setFocused] = useState(false);
  const { topic } = draft.value;
  // On a phone the keyboard would cover the page.
  useEffect(() => {
    if (draft.peek().topic === "" && matchMedia("(pointer: fine)").matches) field.current?.focus();
  }, []);
  const found = isFocused ? suggest(live, model, topic) : [];
  const problem = model.problems.value.topic;
  const isOfParameter = problem === "parameterMissing";
  const isShown = problem && !isOfParameter && isVisited(model, "topic");
  return (
    <MarkedField
      label={say("publish.topic")}
      problem={isShown ? say(`publish.${problem}`) : undefined}
    >
      {(marks) => (
        <>
          <input
            {...marks}
            {...SEARCH_FIELD}
            ref={field}
            class="code"
            list={list}
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            placeholder="rooms/attic/temperature"
            value={topic}
            onInput={({ currentTarget }) => changeDraft({ topic: currentTarget.value })}
            onFocus={() => setFocused(true)}
            onBlur={() => {
              setFocused(false);
              if (draft.peek().topic !== "") visit(model, "topic");
            }}
          />
          <datalist id={list}>
            {found.map((one) => (
              <option key={one} value={one} />
            ))}
          </datalist>
        </>
      )}
    </MarkedField>
  );
}

type ParameterFieldProps = { readonly name: string; readonly model: PublishModel };

function ParameterField({ name, model }: ParameterFieldProps) {
  const { parameters } = draft.value;
  const value = parameters[name] ?? "";
  const isMissing = value === "" && isVisited(model, `{${name}}`);
  return (
    <MarkedField
      label={`{${name}}`}
      problem={isMissing ? say("publish.parameterMissing") : undefined}
    >
      {(marks) => (
        <input
          {...marks}
          class="code"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          value={value}
          onInput={({ currentTarget }) => {
            changeDraft({ parameters: { ...parameters, [name]: currentTarget.value } });
          }}
          onBlur={() => visit(model, `{${name}}`)}
        />
      )}
    </MarkedField>
  );
}

// Who does not know a topic yet begins with one that a handler waits for.
function Offers({ model }: { readonly model: PublishModel }) {
  const offered = model.typedTopics.value.slice(0, OFFERED_MAX);
  if (offered.length === 0) return <p class="soft small">{say("publish.noTyped")}</p>;
  return (
    <div class="offers">
      <span class="soft small">{say("publish.offered")}</span>
      {offered.map(({ pattern }) => (
        <button
          key={pattern}
          type="button"
          class="code"
          onClick={() => changeDraft({ topic: pattern })}
        >
          {pattern}
        </button>
      ))}
    </div>
  );
}

function suggest(live: Live, { typedTopics }: PublishModel, topic: string): readonly string[] {
  live.topics.structure.value; // Shown anew when topics come.
  const patterns = typedTopics.value.map(({ pattern }) => pattern);
  return listSuggestions(patterns, live.topics.tree.topics, topic);
}

function isVisited({ visited }: PublishModel, field: string): boolean {
  return visited.value === "all" || visited.value.has(field);
}

function visit({ visited }: PublishModel, field: string): void {
  const known = visited.peek();
  if (known !== "all" && !known.has(field)) visited.value = new Set([...known, field]);
}
