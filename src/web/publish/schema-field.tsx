// The form of a payload, made from the schema of its topic: each schema becomes the field of its
// shape. What the fields hold is one JSON value, which whoever shows the form keeps.

import { say } from "../words/words.ts";
import { type FormFacts, findProblem, findProblemWithin } from "./form-facts.ts";
import { ListFields } from "./list-fields.tsx";
import { MarkedField } from "./marked-field.tsx";
import { ObjectFields } from "./object-fields.tsx";
import { JsonInput, NumberInput, TextInput, TickInput, ValueSelect } from "./schema-inputs.tsx";
import { flatten, type JsonSchema, toShape } from "./schema-shape.ts";
import { toHint } from "./schema-words.ts";
import { UnionFields } from "./union-fields.tsx";

export type SchemaFieldProps = {
  readonly form: FormFacts;
  readonly schema: JsonSchema;
  /** Of this field within the value; "" is the whole. */
  readonly pointer: string;
  readonly label: string;
  /** Undefined: it is not there. */
  readonly value: unknown;
  readonly onChange: (value: unknown) => void;
  /** Takes it away; undefined when it must be there. */
  readonly onRemove: (() => void) | undefined;
  /** Around it stands already what it is. */
  readonly isBare?: boolean;
};

export function SchemaField(props: SchemaFieldProps) {
  const { form, schema, label, pointer, onRemove } = props;
  const shape = toShape(schema, form.root);
  if (shape.kind === "object") return <ObjectFields {...props} members={shape.members} />;
  if (shape.kind === "list") return <ListFields {...props} items={shape.items} />;
  if (shape.kind === "union") return <UnionFields {...props} variants={shape.variants} />;
  const find = shape.kind === "json" ? findProblemWithin : findProblem;
  return (
    <MarkedField
      label={label}
      hint={toHint(flatten(schema, form.root))}
      problem={find(form, pointer)}
      beside={<RemoveButton label={label} onRemove={onRemove} />}
    >
      {(marks) => {
        const { value, onChange } = props;
        const field = { ...marks, value, onChange, onLeave: () => form.visit(pointer) };
        switch (shape.kind) {
          case "choice":
            return <ValueSelect {...field} values={shape.values} />;
          case "text":
            return <TextInput {...field} format={flatten(schema, form.root).format} />;
          case "number":
            return <NumberInput {...field} isInteger={shape.isInteger} />;
          case "boolean":
            return <TickInput {...field} />;
          case "json":
            return <JsonInput {...field} />;
        }
      }}
    </MarkedField>
  );
}

export type RemoveButtonProps = {
  readonly label: string;
  readonly onRemove: (() => void) | undefined;
};

export function RemoveButton({ label, onRemove }: RemoveButtonProps) {
  if (!onRemove) return null;
  return (
    <button
      type="button"
      class="quiet remove"
      aria-label={say("publish.removeOf", { name: label })}
      onClick={onRemove}
    >
      {say("publish.remove")}
    </button>
  );
}
