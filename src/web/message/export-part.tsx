// Links that export what was recorded of the topic, of all times or between two of them, as NDJSON
// or CSV. The bridge writes the file; the browser saves it.

import { useState } from "preact/hooks";
import type { Api } from "../live/api.ts";
import { say } from "../words/words.ts";
import type { HeldMessage } from "./held-messages.ts";

export type ExportPartProps = {
  readonly api: Pick<Api, "toUrl">;
  readonly topic: string;
  readonly shown: HeldMessage;
};

export function ExportPart({ api, topic, shown }: ExportPartProps) {
  const [since, setSince] = useState<number>();
  const [until, setUntil] = useState<number>();
  const shownMs = Math.floor(shown.id / 1000);
  const toLink = (format: string) => {
    const query = new URLSearchParams({ filter: topic, format, order: "oldest" });
    if (since !== undefined) query.set("since", String(since));
    if (until !== undefined) query.set("until", String(until));
    return api.toUrl(`history?${query}`).href;
  };
  return (
    <details class="pane-part">
      <summary>{say("message.export")}</summary>
      <p class="soft">{say("message.exportHint")}</p>
      <div class="export-times">
        <TimeField label={say("message.from")} ms={since} onTime={setSince} />
        <TimeField label={say("message.until")} ms={until} onTime={setUntil} />
      </div>
      <p class="export-tools">
        <button type="button" onClick={() => setSince(shownMs)}>
          {say("message.fromHere")}
        </button>
        {/* The bridge leaves out what is of that time itself. */}
        <button type="button" onClick={() => setUntil(shownMs + 1)}>
          {say("message.untilHere")}
        </button>
        <button
          type="button"
          disabled={since === undefined && until === undefined}
          onClick={() => {
            setSince(undefined);
            setUntil(undefined);
          }}
        >
          {say("message.all")}
        </button>
      </p>
      <p class="export-links">
        <a href={toLink("ndjson")} download="history.ndjson">
          NDJSON
        </a>
        <a href={toLink("csv")} download="history.csv">
          CSV
        </a>
      </p>
    </details>
  );
}

type TimeFieldProps = {
  readonly label: string;
  readonly ms: number | undefined;
  readonly onTime: (ms: number | undefined) => void;
};

function TimeField({ label, ms, onTime }: TimeFieldProps) {
  return (
    <label>
      {label}
      <input
        type="datetime-local"
        step="0.001"
        value={ms === undefined ? "" : toLocal(ms)}
        onChange={({ currentTarget: { value } }) => {
          onTime(value === "" ? undefined : new Date(value).getTime());
        }}
      />
    </label>
  );
}

/** As the field takes it: the reader's own time, without a zone. */
function toLocal(ms: number): string {
  const offsetMs = new Date(ms).getTimezoneOffset() * 60_000;
  return new Date(ms - offsetMs).toISOString().slice(0, -1);
}
