// Asks for the token, when the bridge wants one. It is shown to the bridge once, for a cookie.

import { useState } from "preact/hooks";
import type { Access } from "../live/page-access.ts";
import { say } from "../words/words.ts";
import { ErrorBox } from "./error-box.tsx";

export type TokenFormProps = { readonly access: Access; readonly error: unknown };

export function TokenForm({ access, error }: TokenFormProps) {
  const [token, setToken] = useState("");
  const [failure, setFailure] = useState<unknown>(undefined);
  const enter = async (event: Event) => {
    event.preventDefault();
    setFailure(undefined);
    await access.enter(token.trim()).catch(setFailure);
  };
  return (
    <form class="token-form" onSubmit={enter} aria-label={say("shell.tokenTitle")}>
      <h1>{say("shell.tokenTitle")}</h1>
      <p>{say("shell.tokenWords")}</p>
      <label>
        {say("shell.token")}
        <input
          type="password"
          autocomplete="current-password"
          spellcheck={false}
          required
          value={token}
          onInput={({ currentTarget }) => setToken(currentTarget.value)}
        />
      </label>
      <button type="submit" class="primary">
        {say("shell.tokenEnter")}
      </button>
      {(failure ?? error) !== undefined && <ErrorBox error={failure ?? error} />}
    </form>
  );
}
