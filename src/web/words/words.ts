// What the page says, in the language of the reader: `say("topics.title")`, or with its facts,
// `say("topics.shown", { count: 3 })`. A component that calls it is shown anew when the language
// changes. The words themselves are in english.ts and portuguese.ts.

import type { Fact, FactsOf, Plural } from "./dictionary.ts";
import { english } from "./english.ts";
import { portuguese } from "./portuguese.ts";
import { type Language, language } from "./reader-language.ts";

type Parts = typeof english;
/** "shell.help", "topics.title", … */
export type WordKey = {
  [Part in keyof Parts & string]: `${Part}.${keyof Parts[Part] & string}`;
}[keyof Parts & string];
type EntryOf<Key> = Key extends `${infer Part}.${infer Name}`
  ? Part extends keyof Parts
    ? Name extends keyof Parts[Part]
      ? Parts[Part][Name]
      : never
    : never
  : never;

type Dictionary = Readonly<Record<string, Readonly<Record<string, string | Plural>>>>;

const DICTIONARIES: Readonly<Record<Language, Dictionary>> = { en: english, "pt-BR": portuguese };

/** The words under this key, in the reader's language, with the facts in their places. */
export function say<Key extends WordKey>(key: Key, ...facts: FactsOf<EntryOf<Key>>): string {
  return sayIn(language.value, key, facts[0] ?? {});
}

/** The same for a key that is only known now, as one made of an error's code; undefined: none. */
export function sayIfKnown(part: keyof Parts, name: string): string | undefined {
  const entry = DICTIONARIES[language.value][part]?.[name];
  return typeof entry === "string" ? entry : undefined;
}

export function sayIn(to: Language, key: WordKey, facts: Readonly<Record<string, Fact>>): string {
  const [part = "", name = ""] = key.split(".");
  const entry = DICTIONARIES[to][part]?.[name] ?? key;
  return fill(typeof entry === "string" ? entry : choose(to, entry, facts.count), to, facts);
}

function choose(to: Language, { one, other }: Plural, count: Fact | undefined): string {
  return new Intl.PluralRules(to).select(Number(count)) === "one" ? one : other;
}

function fill(text: string, to: Language, facts: Readonly<Record<string, Fact>>): string {
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => {
    const fact = facts[name];
    if (fact === undefined) return whole;
    return typeof fact === "number" ? new Intl.NumberFormat(to).format(fact) : fact;
  });
}
