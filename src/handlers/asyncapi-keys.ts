// Names for the parts of a document that are made of what people wrote: patterns, files, exports.
// Used for AsyncAPI, whose keys are letters, digits, `_` and `-`.

/** Gives a key for each text; a text whose key is taken gets a number behind it. */
export function createKeys(): (text: string) => string {
  const taken = new Set<string>();
  return (text) => {
    const plain = text.replaceAll(/[^A-Za-z0-9_-]+/g, "_").replaceAll(/^_+|_+$/g, "") || "all";
    let key = plain;
    for (let count = 2; taken.has(key); count++) key = `${plain}-${count}`;
    taken.add(key);
    return key;
  };
}
