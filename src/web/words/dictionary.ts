// The shape of the dictionaries: what a translation must have, and which facts a text asks for.
// Types alone; the texts are in english-….ts and portuguese-….ts, one file for each page.

/** A text that depends on the fact `count`. */
export type Plural = { readonly one: string; readonly other: string };

/** What a translation of these words must have: no key more, no key less. */
export type SameWords<Words> = {
  readonly [Key in keyof Words]: Words[Key] extends string ? string : Plural;
};

/** The names in braces: "count" | "topic" of "{count} in {topic}". */
export type FactNames<Text> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | FactNames<Rest>
  : never;

/** The facts that an entry asks for, as arguments: none when it asks for none. */
export type FactsOf<Entry> = Entry extends { readonly other: infer Other }
  ? [facts: { readonly [Name in FactNames<Other> | "count"]: Fact }]
  : [FactNames<Entry>] extends [never]
    ? []
    : [facts: { readonly [Name in FactNames<Entry>]: Fact }];

export type Fact = string | number;
