// The payload of a story or of a dead letter, as far as it is known, as text.

import { showMarks } from "../parts/visible-marks.ts";
import { formatBytes } from "../words/quantities.ts";
import { say } from "../words/words.ts";

export type StoryPayloadProps = {
  readonly message: {
    readonly payload: string;
    readonly payload_encoding: "plain" | "base64";
    /** Of the whole payload. */
    readonly payload_bytes: number;
    readonly payload_cut?: true;
  };
};

export function StoryPayload({ message }: StoryPayloadProps) {
  const { payload, payload_encoding, payload_bytes, payload_cut } = message;
  return (
    <>
      <pre class="story-payload">
        {payload === "" ? say("flow.payloadEmpty") : showMarks(payload)}
      </pre>
      {payload_encoding === "base64" && <p class="soft">{say("flow.payloadBinary")}</p>}
      {payload_cut && (
        <p class="soft">{say("flow.payloadCut", { size: formatBytes(payload_bytes) })}</p>
      )}
    </>
  );
}
