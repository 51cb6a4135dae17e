// The MQTT 5 properties of the message, folded away until somebody needs them.

import { say } from "../words/words.ts";
import { MarkedField } from "./marked-field.tsx";
import { changeDraft, type Draft, draft } from "./publish-draft.ts";
import type { PublishModel } from "./publish-model.ts";
import { Tick } from "./tick-row.tsx";
import { UserProperties } from "./user-properties.tsx";

export type PropertiesPartProps = { readonly model: PublishModel };

export function PropertiesPart({ model }: PropertiesPartProps) {
  const count = countProperties(draft.value);
  const { isAsking } = draft.value;
  return (
    <details class="properties-part">
      <summary>
        {say("publish.properties")} {count > 0 && <span class="badge">{count}</span>}
      </summary>
      <PropertyField
        model={model}
        field="contentType"
        label={say("publish.contentType")}
        placeholder="application/json"
      />
      <PropertyField
        model={model}
        field="expirySeconds"
        label={say("publish.expiry")}
        placeholder="60"
      />
      <PropertyField
        model={model}
        field="responseTopic"
        label={say(isAsking ? "publish.replyTopic" : "publish.responseTopic")}
        hint={isAsking ? say("publish.replyTopicWords") : undefined}
        placeholder="my/answers"
      />
      <PropertyField
        model={model}
        field="correlation"
        label={say("publish.correlation")}
        placeholder=""
      />
      <Tick field="isCorrelationBase64" label={say("publish.correlationBase64")} />
      <Tick field="isUtf8" label={say("publish.isUtf8")} />
      <UserProperties />
    </details>
  );
}

type PropertyFieldProps = {
  readonly model: PublishModel;
  readonly field: "contentType" | "expirySeconds" | "responseTopic" | "correlation";
  readonly label: string;
  readonly placeholder: string;
  readonly hint?: string | undefined;
};

function PropertyField({ model, field, label, placeholder, hint }: PropertyFieldProps) {
  const problem = model.problems.value[field];
  return (
    <MarkedField label={label} hint={hint} problem={problem && say(`publish.${problem}`)}>
      {(marks) => (
        <input
          {...marks}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          inputMode={field === "expirySeconds" ? "numeric" : "text"}
          placeholder={placeholder}
          value={draft.value[field]}
          onInput={({ currentTarget }) => changeDraft({ [field]: currentTarget.value })}
        />
      )}
    </MarkedField>
  );
}

function countProperties(message: Draft): number {
  const { contentType, expirySeconds, responseTopic, correlation, isUtf8 } = message;
  const texts = [contentType, expirySeconds, responseTopic, correlation];
  const pairs = message.userProperties.filter(([name]) => name !== "");
  return texts.filter((text) => text !== "").length + Number(isUtf8) + pairs.length;
}
