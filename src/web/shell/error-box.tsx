// What went wrong and what to do now, as a part of a page.

import { toErrorWords } from "./error-words.ts";

export type ErrorBoxProps = { readonly error: unknown };

export function ErrorBox({ error }: ErrorBoxProps) {
  const { detail, hint } = toErrorWords(error);
  return (
    <p class="failure" role="alert">
      <strong>{detail}</strong> {hint}
    </p>
  );
}
