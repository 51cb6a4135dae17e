// Marks that turn the order of what is read, made visible: `gpj.exe` after one of them reads as
// `exe.jpg`. Called by whatever shows the text of strangers; it never changes what is copied by a
// button or sent.

/** [UAX 9 section 2] embeddings, overrides and isolates; letters of any script stay as they are. */
const TURNING = /[\u202A-\u202E\u2066-\u2069]/g;

export function showMarks(text: string): string {
  return text.replace(TURNING, (mark) => `‹U+${mark.charCodeAt(0).toString(16).toUpperCase()}›`);
}
