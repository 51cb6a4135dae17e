// How the message is sent: QoS, retained or not, or as a question that waits for its reply.

import { say } from "../words/words.ts";
import { ChoiceSwitch } from "./choice-switch.tsx";
import { MarkedField } from "./marked-field.tsx";
import { changeDraft, draft } from "./publish-draft.ts";
import type { PublishModel } from "./publish-model.ts";
import { Tick } from "./tick-row.tsx";

export type SendingPartProps = { readonly model: PublishModel };

const QOS = [0, 1, 2] as const;

export function SendingPart({ model }: SendingPartProps) {
  const { isAsking } = draft.value;
  const progress = model.progress.value;
  const obstacles = model.obstacles.value;
  const isBusy = progress.kind === "sending" || progress.kind === "asking";
  return (
    <section class="sending-part" aria-label={say("publish.sending")}>
      <ChoiceSwitch
        label={say("publish.sending")}
        choices={[toChoice("tell", false), toChoice("ask", true)]}
        isWide
      />
      <p class="soft small">{say(isAsking ? "publish.askWords" : "publish.tellWords")}</p>
      <div class="sending-options">
        <QosSelect />
        {isAsking ? (
          <TimeoutField model={model} />
        ) : (
          <Tick field="isRetained" label={say("publish.retain")} />
        )}
      </div>
      <div class="send-row">
        <button type="submit" class="primary" disabled={isBusy}>
          {say(isAsking ? "publish.askNow" : "publish.send")}
        </button>
        <span class="soft small keys-hint">
          <kbd>Ctrl</kbd> + <kbd>Enter</kbd>
        </span>
      </div>
      <p class="problem" role="status">
        {obstacles > 0 &&
          model.visited.value === "all" &&
          say("publish.obstacles", { count: obstacles })}
      </p>
    </section>
  );
}

function toChoice(word: "tell" | "ask", isAsking: boolean) {
  return {
    text: say(`publish.${word}`),
    isChosen: draft.value.isAsking === isAsking,
    onChoose: () => changeDraft({ isAsking }),
  };
}

function QosSelect() {
  return (
    <MarkedField label="QoS">
      {(marks) => (
        <select
          {...marks}
          value={String(draft.value.qos)}
          onChange={({ currentTarget }) => {
            changeDraft({ qos: QOS.find((qos) => String(qos) === currentTarget.value) ?? 1 });
          }}
        >
          {QOS.map((qos) => (
            <option key={qos} value={String(qos)}>
              {`${qos} · ${say(`publish.qos${qos}`)}`}
            </option>
          ))}
        </select>
      )}
    </MarkedField>
  );
}

function TimeoutField({ model }: SendingPartProps) {
  const problem = model.problems.value.timeoutSeconds;
  return (
    <MarkedField label={say("publish.timeout")} problem={problem && say(`publish.${problem}`)}>
      {(marks) => (
        <input
          {...marks}
          inputMode="decimal"
          autocomplete="off"
          value={draft.value.timeoutSeconds}
          onInput={({ currentTarget }) => changeDraft({ timeoutSeconds: currentTarget.value })}
        />
      )}
    </MarkedField>
  );
}
