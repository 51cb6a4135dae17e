// A field with its label, its hint, and what is wrong with it, tied together for whoever does not
// see them. Used by the form and by the other parts of the page.

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

export type FieldMarks = {
  readonly id: string;
  readonly "aria-invalid": boolean;
  readonly "aria-describedby": string | undefined;
};

export type MarkedFieldProps = {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly problem?: string | undefined;
  /** Beside the label, as a button that takes the field away. */
  readonly beside?: ComponentChildren;
  readonly children: (marks: FieldMarks) => ComponentChildren;
};

export function MarkedField(props: MarkedFieldProps) {
  const { label, hint, problem, beside, children } = props;
  const id = useId();
  const described = [hint && `${id}-hint`, problem && `${id}-problem`].filter(Boolean).join(" ");
  const marks: FieldMarks = {
    id,
    "aria-invalid": problem !== undefined,
    "aria-describedby": described === "" ? undefined : described,
  };
  return (
    <div class="field">
      <div class="field-head">
        <label for={id}>{label}</label>
        {beside}
      </div>
      {children(marks)}
      {hint && (
        <p id={`${id}-hint`} class="soft small">
          {hint}
        </p>
      )}
      {problem && (
        <p id={`${id}-problem`} class="problem">
          {problem}
        </p>
      )}
    </div>
  );
}
