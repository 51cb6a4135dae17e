// A value that may be of one of several kinds: the reader chooses the kind, and sees its fields.

import { useId, useState } from "preact/hooks";
import { say } from "../words/words.ts";
import { toBeginning } from "./beginning-value.ts";
import { findVariant } from "./schema-check.ts";
import { RemoveButton, SchemaField, type SchemaFieldProps } from "./schema-field.tsx";
import { type JsonSchema, toSchemaName } from "./schema-shape.ts";

export type UnionFieldsProps = SchemaFieldProps & { readonly variants: readonly JsonSchema[] };

export function UnionFields({ variants, ...props }: UnionFieldsProps) {
  const { form, label, value, onChange, onRemove } = props;
  const id = useId();
  // Once chosen it stays, or a number that is half written would become a text.
  const [chosen, setChosen] = useState<number | undefined>(undefined);
  const at = chosen ?? findVariant(variants, value, form.root);
  const variant = variants[at] ?? {};
  const toName = (schema: JsonSchema, index: number) => {
    return toSchemaName(schema, form.root) ?? say("publish.variant", { number: index + 1 });
  };
  const choose = (next: number) => {
    setChosen(next);
    onChange(toBeginning(variants[next] ?? {}, form.root));
  };
  return (
    <fieldset class="members">
      <legend>
        {label} <RemoveButton label={label} onRemove={onRemove} />
      </legend>
      <div class="field">
        <label for={id}>{say("publish.kind")}</label>
        <select
          id={id}
          value={String(at)}
          onChange={({ currentTarget }) => choose(Number(currentTarget.value))}
        >
          {variants.map((schema, index) => (
            <option key={toName(schema, index)} value={String(index)}>
              {toName(schema, index)}
            </option>
          ))}
        </select>
      </div>
      <SchemaField
        key={String(at)} // Before the rest: behind it, JSX would ask for React.
        {...props}
        schema={variant}
        label={toName(variant, at)}
        onRemove={undefined}
        onChange={(next) => {
          setChosen(at);
          onChange(next);
        }}
      />
    </fieldset>
  );
}
