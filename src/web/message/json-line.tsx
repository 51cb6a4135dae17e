// One row of the tree of JSON: its name, its value or how many it holds, and what can be done with
// it. The keys are those of the tree: what stands in a row is reached by the mouse or a finger.

import { showMarks } from "../parts/visible-marks.ts";
import { say } from "../words/words.ts";
import { type JsonNode, toSource } from "./json-reading.ts";
import type { JsonRow } from "./json-rows.ts";

export type JsonLineProps = {
  readonly row: JsonRow;
  readonly isActive: boolean;
  readonly isCharted: boolean;
  readonly onActive: () => void;
  readonly onFold: (isOpen: boolean) => void;
  readonly onChart: () => void;
};

/** The rest of a long text is in the view of the text. */
const VALUE_CHARACTERS_MAX = 2_000;

export function JsonLine(props: JsonLineProps) {
  const { row, isActive, isCharted, onActive, onFold, onChart } = props;
  const { name, depth, node, isOpen } = row;
  const isNumber = node.kind === "number";
  const label = name ?? say("chart.value");
  return (
    <div
      role="treeitem"
      class={`json-line ${node.kind}`}
      aria-level={depth + 1}
      aria-expanded={isOpen}
      aria-checked={isNumber ? isCharted : undefined}
      tabIndex={isActive ? 0 : -1}
      style={{ paddingInlineStart: `${depth * 1.1}rem` }}
      onFocus={onActive}
    >
      {isOpen === undefined ? (
        <span class="json-gap" />
      ) : (
        <button
          type="button"
          class="json-fold"
          tabIndex={-1}
          aria-label={say(isOpen ? "message.fold" : "message.open", { name: label })}
          onClick={() => onFold(!isOpen)}
        >
          {isOpen ? "▾" : "▸"}
        </button>
      )}
      {name !== undefined && <span class="json-name">{showMarks(name)}</span>}
      <JsonValue node={node} isOpen={isOpen} />
      {isNumber && (
        <label class="json-chart">
          <input
            type="checkbox"
            tabIndex={-1}
            aria-label={say("message.charted", { name: label })}
            checked={isCharted}
            onChange={onChart}
          />
        </label>
      )}
    </div>
  );
}

type JsonValueProps = { readonly node: JsonNode; readonly isOpen: boolean | undefined };

function JsonValue({ node, isOpen }: JsonValueProps) {
  if ("members" in node) {
    const [first, last] = node.kind === "object" ? ["{", "}"] : ["[", "]"];
    const count = node.members.length;
    if (count === 0) return <span class="json-value">{`${first}${last}`}</span>;
    return (
      <span class="soft">
        {isOpen ? first : `${first}…${last}`} {say("message.items", { count })}
      </span>
    );
  }
  const source = toSource(node);
  const isLong = source.length > VALUE_CHARACTERS_MAX;
  const start = showMarks(source.slice(0, VALUE_CHARACTERS_MAX));
  return <span class="json-value">{isLong ? `${start}…` : start}</span>;
}
