// The members of an object as fields; those that need not be there are offered as buttons.

import { say } from "../words/words.ts";
import { toBeginning } from "./beginning-value.ts";
import { findProblem, findProblemWithin } from "./form-facts.ts";
import { toPointer } from "./schema-check.ts";
import { RemoveButton, SchemaField, type SchemaFieldProps } from "./schema-field.tsx";
import { flatten, isSchema, type JsonSchema, type Member, toShape } from "./schema-shape.ts";

export type ObjectFieldsProps = SchemaFieldProps & { readonly members: readonly Member[] };

export function ObjectFields(props: ObjectFieldsProps) {
  const { form, schema, pointer, label, members, value, onChange, onRemove, isBare } = props;
  const given = isSchema(value) ? value : {};
  const { description } = flatten(schema, form.root);
  const isThere = ({ name, isRequired }: Member) => isRequired || Object.hasOwn(given, name);
  const isSettled = ({ name, schema: member }: Member) => {
    return isOnlyValue(member, given[name], form.root);
  };
  const shown = members.filter((member) => isThere(member) && !isSettled(member));
  const absent = members.filter((member) => !isThere(member));
  const known = new Set(members.map(({ name }) => name));
  const strangers = Object.keys(given).filter((name) => !known.has(name));
  const set = (name: string, next: unknown) => {
    form.visit(toPointer(pointer, name));
    onChange(replace(given, name, next));
  };
  const strange = strangers.map((name) => findProblemWithin(form, toPointer(pointer, name)));
  const problem = findProblem(form, pointer) ?? strange.find((one) => one !== undefined);
  return (
    <fieldset class={pointer === "" || isBare ? "members whole" : "members"}>
      <legend>
        {label} <RemoveButton label={label} onRemove={onRemove} />
      </legend>
      {typeof description === "string" && <p class="soft small">{description}</p>}
      {problem && <p class="problem">{problem}</p>}
      {shown.map(({ name, schema: member, isRequired }) => (
        <SchemaField
          key={name}
          form={form}
          schema={member}
          pointer={toPointer(pointer, name)}
          label={name}
          value={Object.hasOwn(given, name) ? given[name] : undefined}
          onChange={(next) => set(name, next)}
          onRemove={isRequired ? undefined : () => onChange(replace(given, name, undefined))}
        />
      ))}
      {strangers.length > 0 && (
        <p class="soft small">{say("publish.otherMembers", { names: strangers.join(", ") })}</p>
      )}
      <Offers
        members={absent}
        onAdd={(member) => {
          onChange(replace(given, member.name, toBeginning(member.schema, form.root)));
        }}
      />
    </fieldset>
  );
}

type OffersProps = {
  readonly members: readonly Member[];
  readonly onAdd: (member: Member) => void;
};

function Offers({ members, onAdd }: OffersProps) {
  if (members.length === 0) return null;
  return (
    <p class="offers">
      <span class="soft small">{say("publish.addMember")}</span>
      {members.map((member) => (
        <button key={member.name} type="button" onClick={() => onAdd(member)}>
          + {member.name}
        </button>
      ))}
    </p>
  );
}

// What can only be this one value, and is, needs no field.
function isOnlyValue(schema: JsonSchema, value: unknown, root: unknown): boolean {
  const shape = toShape(schema, root);
  return shape.kind === "choice" && shape.values.length === 1 && shape.values[0] === value;
}

// A member that is undefined is not there.
function replace(given: object, name: string, value: unknown): object {
  const entries = Object.entries(given).filter(([other]) => other !== name || value !== undefined);
  if (value === undefined) return Object.fromEntries(entries);
  const next = entries.map(([other, old]) => [other, other === name ? value : old] as const);
  return Object.fromEntries(Object.hasOwn(given, name) ? next : [...entries, [name, value]]);
}
