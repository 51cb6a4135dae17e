// The payload as a tree of JSON that folds, with a box beside each number that puts it into the
// chart. Numbers stand as they were sent. By keyboard as any tree: arrows, Home, End, Space.

import type { TargetedKeyboardEvent } from "preact";
import { useRef, useState } from "preact/hooks";
import { say } from "../words/words.ts";
import { JsonLine } from "./json-line.tsx";
import type { JsonNode } from "./json-reading.ts";
import { type Folds, foldAll, type JsonRow, toJsonRows } from "./json-rows.ts";

export type JsonTreeProps = {
  readonly root: JsonNode;
  /** Addresses of the numbers that are in the chart. */
  readonly charted: readonly string[];
  readonly onChart: (pointer: string) => void;
};

const ROWS_STEP = 400;

export function JsonTree({ root, charted, onChart }: JsonTreeProps) {
  const [folds, setFolds] = useState<Folds>(new Map());
  const [rowsMax, setRowsMax] = useState(ROWS_STEP);
  const found = toJsonRows(root, folds, rowsMax);
  return (
    <>
      {"members" in root && <FoldButtons root={root} rows={found} onFold={setFolds} />}
      <Rows
        rows={found.slice(0, rowsMax)}
        charted={charted}
        onChart={onChart}
        onFold={(pointer, isOpen) => setFolds(new Map(folds).set(pointer, isOpen))}
      />
      {found.length > rowsMax && (
        <button type="button" onClick={() => setRowsMax(rowsMax + ROWS_STEP)}>
          {say("message.more", { count: ROWS_STEP })}
        </button>
      )}
    </>
  );
}

type RowsProps = Omit<JsonTreeProps, "root"> & {
  readonly rows: readonly JsonRow[];
  readonly onFold: (pointer: string, isOpen: boolean) => void;
};

function Rows({ rows, charted, onChart, onFold }: RowsProps) {
  const list = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState("");
  const current = rows.some(({ pointer }) => pointer === active) ? active : "";
  const go = (row: JsonRow | undefined) => {
    if (!row) return;
    setActive(row.pointer);
    const place = rows.indexOf(row);
    list.current?.querySelectorAll<HTMLElement>("[role=treeitem]")[place]?.focus();
  };
  const press = (event: TargetedKeyboardEvent<HTMLDivElement>) => {
    const row = rows.find(({ pointer }) => pointer === current);
    const act = row && findAct(event.key, rows, row, { go, onFold, onChart });
    if (!act) return;
    event.preventDefault();
    act();
  };
  return (
    <div
      ref={list}
      role="tree"
      class="json-tree"
      aria-label={say("message.tree")}
      onKeyDown={press}
    >
      {rows.map((row) => (
        <JsonLine
          key={row.pointer}
          row={row}
          isActive={row.pointer === current}
          isCharted={charted.includes(row.pointer)}
          onActive={() => setActive(row.pointer)}
          onFold={(isOpen) => onFold(row.pointer, isOpen)}
          onChart={() => onChart(row.pointer)}
        />
      ))}
    </div>
  );
}

type Acts = {
  readonly go: (row: JsonRow | undefined) => void;
  readonly onFold: (pointer: string, isOpen: boolean) => void;
  readonly onChart: (pointer: string) => void;
};

function findAct(key: string, rows: readonly JsonRow[], row: JsonRow, acts: Acts) {
  const at = rows.indexOf(row);
  const { pointer, isOpen, node } = row;
  const isNumber = node.kind === "number";
  const parent = rows.slice(0, at).findLast(({ depth }) => depth < row.depth);
  const known: Readonly<Record<string, (() => void) | undefined>> = {
    ArrowDown: () => acts.go(rows[at + 1]),
    ArrowUp: () => acts.go(rows[at - 1]),
    Home: () => acts.go(rows[0]),
    End: () => acts.go(rows.at(-1)),
    ArrowRight: () => (isOpen === false ? acts.onFold(pointer, true) : acts.go(rows[at + 1])),
    ArrowLeft: () => (isOpen ? acts.onFold(pointer, false) : acts.go(parent)),
    Enter: isOpen === undefined ? undefined : () => acts.onFold(pointer, !isOpen),
    " ": isNumber ? () => acts.onChart(pointer) : undefined,
  };
  return known[key];
}

type FoldButtonsProps = {
  readonly root: JsonNode;
  readonly rows: readonly JsonRow[];
  readonly onFold: (folds: Folds) => void;
};

function FoldButtons({ root, rows, onFold }: FoldButtonsProps) {
  const hasNumbers = rows.some(({ node }) => node.kind === "number");
  return (
    <p class="json-tools">
      <button type="button" class="quiet" onClick={() => onFold(foldAll(root, true))}>
        {say("message.openAll")}
      </button>
      <button type="button" class="quiet" onClick={() => onFold(foldAll(root, false))}>
        {say("message.foldAll")}
      </button>
      {hasNumbers && <span class="soft">{say("message.chartHint")}</span>}
    </p>
  );
}
