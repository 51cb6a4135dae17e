// The messages that the reader keeps in this browser: save, take up again, forget.

import { useState } from "preact/hooks";
import { showNotice } from "../shell/notices.tsx";
import { say } from "../words/words.ts";
import { draft } from "./publish-draft.ts";
import { forgetMessage, SAVED_MESSAGES_MAX, savedMessages, saveMessage } from "./saved-messages.ts";

export function SavedPart() {
  const saved = savedMessages.value;
  return (
    <details class="saved-part" open={saved.length > 0}>
      <summary>
        {say("publish.saved")} {saved.length > 0 && <span class="badge">{saved.length}</span>}
      </summary>
      <SaveRow />
      {saved.length === 0 ? (
        <p class="soft small">{say("publish.savedNone", { count: SAVED_MESSAGES_MAX })}</p>
      ) : (
        <ul class="saved-list">
          {saved.map(({ name, message }) => (
            <li key={name}>
              <button
                type="button"
                class="saved-name"
                onClick={() => {
                  draft.value = message;
                }}
              >
                <strong>{name}</strong>
                <code class="soft small">{message.topic}</code>
              </button>
              <button
                type="button"
                class="quiet"
                aria-label={say("publish.removeOf", { name })}
                onClick={() => forgetMessage(name)}
              >
                ✕
              </button>
            </li>
          ))}
        </ul>
      )}
    </details>
  );
}

function SaveRow() {
  const [name, setName] = useState("");
  const isKnown = savedMessages.value.some((one) => one.name === name.trim());
  const save = () => {
    const { topic } = draft.peek();
    const wanted = name.trim() === "" ? topic : name.trim();
    if (wanted === "") return showNotice(say("publish.topicMissing"), "bad");
    const problem = saveMessage(wanted, draft.peek());
    if (problem) return showNotice(say(`publish.${problem}`), "bad");
    setName("");
    showNotice(say("publish.savedAs", { name: wanted }));
  };
  return (
    <div class="input-row">
      <input
        aria-label={say("publish.savedName")}
        placeholder={draft.value.topic === "" ? say("publish.savedName") : draft.value.topic}
        autocomplete="off"
        value={name}
        onInput={({ currentTarget }) => setName(currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.ctrlKey || event.metaKey) return;
          event.preventDefault(); // It saves, and does not send.
          save();
        }}
      />
      <button type="button" onClick={save}>
        {say(isKnown ? "publish.saveOver" : "publish.save")}
      </button>
    </div>
  );
}
