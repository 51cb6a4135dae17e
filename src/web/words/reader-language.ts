// In which language the page speaks: as chosen, else as the browser says.

import { effect, signal } from "@preact/signals";
import { keepText, readKept } from "../live/kept-text.ts";

export const LANGUAGES = { en: "English", "pt-BR": "Português" } as const;
export type Language = keyof typeof LANGUAGES;

const KEY = "language";

export const language = signal<Language>(toLanguage(readKept(KEY) ?? navigator.language));

export function chooseLanguage(next: Language): void {
  language.value = next;
  keepText(KEY, next);
}

/** Tells the document, for screen readers and hyphenation. */
export function followLanguage(root: { lang: string }): () => void {
  return effect(() => {
    root.lang = language.value;
  });
}

function toLanguage(name: string): Language {
  return name.toLowerCase().startsWith("pt") ? "pt-BR" : "en";
}
