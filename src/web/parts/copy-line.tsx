// A line of code with the button that copies it.

import { useRef, useState } from "preact/hooks";
import { say } from "../words/words.ts";

export type CopyLineProps = {
  readonly text: string;
  /** What the line is, for whoever does not see it. */
  readonly label: string;
};

const SHOWN_MS = 1_500;

export function CopyLine({ text, label }: CopyLineProps) {
  const code = useRef<HTMLElement>(null);
  const [word, setWord] = useState<"copy" | "copied" | "marked">("copy");
  const copy = async () => {
    setWord(await copyText(text, code.current));
    setTimeout(() => setWord("copy"), SHOWN_MS);
  };
  return (
    <div class="line">
      <pre>
        <code ref={code}>{text}</code>
      </pre>
      <button type="button" aria-label={`${say(`shell.${word}`)}: ${label}`} onClick={copy}>
        {say(`shell.${word}`)}
      </button>
    </div>
  );
}

/** Copies the text. Over plain HTTP from another machine there is no clipboard: it is marked. */
export async function copyText(
  text: string,
  shownIn: HTMLElement | null,
): Promise<"copied" | "marked"> {
  try {
    await navigator.clipboard.writeText(text);
    return "copied";
  } catch {
    if (shownIn) getSelection()?.selectAllChildren(shownIn);
    return "marked";
  }
}
