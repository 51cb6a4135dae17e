// The properties of a message as JSON, and back, with nothing lost. Used by the stores.

import type { MessageProperties } from "../topics/message.ts";

// JSON has no bytes, and takes a name such as __proto__ as any other.
export function formatProperties({ correlationData, ...others }: MessageProperties): string {
  if (!correlationData) return JSON.stringify(others);
  return JSON.stringify({ ...others, correlationData: correlationData.toString("base64") });
}

export function parseProperties(json: string): MessageProperties {
  const { correlationData, ...others } = JSON.parse(json) as Omit<
    MessageProperties,
    "correlationData"
  > & { correlationData?: string };
  if (correlationData === undefined) return others;
  return { ...others, correlationData: Buffer.from(correlationData, "base64") };
}
