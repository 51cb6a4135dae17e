// The inputs of a form, one for each shape of a value that has no parts. What is half written, as a
// number that ends in a point, stands in the value as text until it is a number.

import { useState } from "preact/hooks";
import { say } from "../words/words.ts";
import type { FieldMarks } from "./marked-field.tsx";
import { FORMAT_EXAMPLES } from "./text-formats.ts";

export type SchemaInputProps = FieldMarks & {
  readonly value: unknown;
  readonly onChange: (value: unknown) => void;
  readonly onLeave: () => void;
};

const NUMBER = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;

export type TextInputProps = SchemaInputProps & { readonly format: unknown };

export function TextInput({ value, onChange, onLeave, format, ...marks }: TextInputProps) {
  return (
    <div class="input-row">
      <input
        {...marks}
        type="text"
        autocomplete="off"
        placeholder={FORMAT_EXAMPLES[String(format)]}
        value={toText(value)}
        onInput={({ currentTarget }) => onChange(currentTarget.value)}
        onBlur={onLeave}
      />
      {format === "date-time" && (
        <button type="button" onClick={() => onChange(new Date().toISOString())}>
          {say("publish.now")}
        </button>
      )}
    </div>
  );
}

export type NumberInputProps = SchemaInputProps & { readonly isInteger: boolean };

export function NumberInput({ value, onChange, onLeave, isInteger, ...marks }: NumberInputProps) {
  const [written, setWritten] = useState(toText(value));
  // "1.0" is being written while the value is 1.
  const shown = isSameNumber(written, value) ? written : toText(value);
  const take = (text: string) => {
    setWritten(text);
    onChange(toNumber(text));
  };
  return (
    <input
      {...marks}
      type="text"
      inputMode={isInteger ? "numeric" : "decimal"}
      autocomplete="off"
      value={shown}
      onInput={({ currentTarget }) => take(currentTarget.value)}
      onBlur={onLeave}
    />
  );
}

export function TickInput({ value, onChange, onLeave, ...marks }: SchemaInputProps) {
  const isOn = value === true;
  return (
    <span class="tick-row">
      <input
        {...marks}
        type="checkbox"
        checked={isOn}
        onChange={({ currentTarget }) => onChange(currentTarget.checked)}
        onBlur={onLeave}
      />
      <code>{String(isOn)}</code>
    </span>
  );
}

export type ValueSelectProps = SchemaInputProps & { readonly values: readonly unknown[] };

export function ValueSelect({ value, onChange, onLeave, values, ...marks }: ValueSelectProps) {
  const at = values.indexOf(value);
  return (
    <select
      {...marks}
      value={String(at)}
      onChange={({ currentTarget }) => onChange(values[Number(currentTarget.value)])}
      onBlur={onLeave}
    >
      {at < 0 && <option value="-1">{say("publish.choose")}</option>}
      {values.map((one, index) => (
        <option key={toText(one)} value={String(index)}>
          {toText(one)}
        </option>
      ))}
    </select>
  );
}

/** What is no JSON counts as text. */
export function JsonInput({ value, onChange, onLeave, ...marks }: SchemaInputProps) {
  const [written, setWritten] = useState(() => toJsonText(value));
  const shown = isSameJson(written, value) ? written : toJsonText(value);
  const take = (text: string) => {
    setWritten(text);
    onChange(parseLoosely(text));
  };
  return (
    <textarea
      {...marks}
      rows={4}
      spellcheck={false}
      placeholder="JSON"
      value={shown}
      onInput={({ currentTarget }) => take(currentTarget.value)}
      onBlur={onLeave}
    />
  );
}

function toText(value: unknown): string {
  if (value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

// An empty field is a member that is missing.
function toNumber(text: string): unknown {
  const trimmed = text.trim();
  if (trimmed === "") return undefined;
  const value = NUMBER.test(trimmed) ? Number(trimmed) : Number.NaN;
  return Number.isFinite(value) ? value : text;
}

function isSameNumber(written: string, value: unknown): boolean {
  return toNumber(written) === value;
}

function toJsonText(value: unknown): string {
  return value === undefined || typeof value === "string" ? toText(value) : pretty(value);
}

function pretty(value: unknown): string {
  return JSON.stringify(value, null, 2);
}

function isSameJson(written: string, value: unknown): boolean {
  return JSON.stringify(parseLoosely(written)) === JSON.stringify(value);
}

function parseLoosely(text: string): unknown {
  if (text.trim() === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text; // Half written; or meant as text.
  }
}
