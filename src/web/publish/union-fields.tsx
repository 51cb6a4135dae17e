// A value that may be of one of several kinds: the reader chooses the kind, and sees its fields.

import { useId, useState } from "preact/hooks";
import { say } from "../words/words.ts";
import { toBeginning } from "./beginning-value.ts";
import { findVariant } from "./schema-check.ts";
import { RemoveButton, SchemaField, type SchemaFieldProps } from "./schema-field.tsx";
import { type JsonSchema, toSchemaName } from "./schema-shape.ts";

export type UnionFieldsProps = SchemaFieldProps & { readonly variants: readonly JsonSchema[] };

/** A variant, and the value for which it was chosen. */
type Chosen = { readonly at: number; readonly json: string | undefined };

export function UnionFields({ variants, ...props }: UnionFieldsProps) {
  const { form, label, value, onChange, onRemove } = props;
  const id = useId();
  // Once chosen it stays, or a number that is half written would become a text; but not for a value
  // that came from elsewhere, as a saved one.
  const [chosen, setChosen] = useState<Chosen | undefined>(undefined);
  const isOwn = chosen !== undefined && chosen.json === JSON.stringify(value);
  const at = isOwn ? chosen.at : findVariant(variants, value, form.root);
  const variant = variants[at] ?? {};
  const toName = (schema: JsonSchema, index: number) => {
    return toSchemaName(schema, form.root) ?? say("publish.variant", { number: index + 1 });
  };
  const set = (next: number, nextValue: unknown) => {
    setChosen({ at: next, json: JSON.stringify(nextValue) });
    onChange(nextValue);
  };
  const choose = (next: number) => set(next, toBeginning(variants[next] ?? {}, form.root));
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
        isBare
        onChange={(next) => set(at, next)}
      />
    </fieldset>
  );
}
