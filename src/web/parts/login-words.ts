// What a line for Mosquitto's tools says of the login, in the lines that the stage and the page
// "Broker" suggest. It knows no password: whoever has one puts it in.

import { useEffect, useState } from "preact/hooks";
import { type AsyncApi, toServerWords } from "../docs/server-words.ts";
import type { Live } from "../live/live.ts";

/** "" where no login is asked for, and until that is known. */
export function useLoginWords({ api }: Live): string {
  const [words, setWords] = useState("");
  useEffect(() => {
    const asked = api.ask<AsyncApi>("asyncapi.json");
    const take = (document: AsyncApi) => {
      setWords(/ -u .*$/.exec(toServerWords(document))?.[0] ?? "");
    };
    asked.then(take).catch(() => {}); // Then the line is as it would be without a login.
  }, [api]);
  return words;
}
