// The entries of a list as fields, one below the other.

import { say } from "../words/words.ts";
import { toBeginning } from "./beginning-value.ts";
import { findProblem } from "./form-facts.ts";
import { toPointer } from "./schema-check.ts";
import { RemoveButton, SchemaField, type SchemaFieldProps } from "./schema-field.tsx";
import { flatten, type JsonSchema } from "./schema-shape.ts";

export type ListFieldsProps = SchemaFieldProps & { readonly items: JsonSchema };

export function ListFields(props: ListFieldsProps) {
  const { form, schema, pointer, label, items, value, onChange, onRemove } = props;
  const entries: readonly unknown[] = Array.isArray(value) ? value : [];
  const { description, maxItems } = flatten(schema, form.root);
  const isFull = typeof maxItems === "number" && entries.length >= maxItems;
  const problem = findProblem(form, pointer);
  const add = () => {
    form.visit(pointer);
    onChange([...entries, toBeginning(items, form.root)]);
  };
  const remove = (at: number) => {
    form.visit(pointer);
    onChange(entries.toSpliced(at, 1));
  };
  return (
    <fieldset class="members">
      <legend>
        {label} <RemoveButton label={label} onRemove={onRemove} />
      </legend>
      {typeof description === "string" && <p class="soft small">{description}</p>}
      {problem && <p class="problem">{problem}</p>}
      {entries.map((entry, at) => (
        <SchemaField
          key={toPointer(pointer, at)}
          form={form}
          schema={items}
          pointer={toPointer(pointer, at)}
          label={`${label} ${at + 1}`}
          value={entry}
          onChange={(next) => onChange(entries.with(at, next ?? null))}
          onRemove={() => remove(at)}
        />
      ))}
      <p class="offers">
        <button type="button" disabled={isFull} onClick={add}>
          {say("publish.addEntry")}
        </button>
        {isFull && (
          <span class="soft small">{say("schema.entries_max", { count: entries.length })}</span>
        )}
      </p>
    </fieldset>
  );
}
