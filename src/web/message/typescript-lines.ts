// A message as the TypeScript of a handler that publishes it again, with the product's own
// language: topic() and publish. Used by the copy part of the pane. Pure.

import type { PropertiesJson } from "../live/bridge-answers.ts";
import type { SentMessage } from "./copy-lines.ts";

/** The lines; `publish` is the one that a handler is given. */
export function toTypeScript(message: SentMessage): string {
  const { content, value } = toValue(message);
  const { pattern, params } = toPattern(message.topic);
  const options = content === "json" ? "" : `, { content: ${JSON.stringify(content)} }`;
  return [
    'import { topic } from "viaduto";',
    "",
    `const shown = topic(${JSON.stringify(pattern)}${options});`,
    `await publish(shown, ${params}${value}${toOptions(message)});`,
  ].join("\n");
}

// Braces in a topic would be parameters of a pattern: then the whole topic is one.
function toPattern(topic: string): { readonly pattern: string; readonly params: string } {
  if (!/[{}]/.test(topic)) return { pattern: topic, params: "" };
  return { pattern: "{all...}", params: `{ all: ${JSON.stringify(topic)} }, ` };
}

// JSON only where it comes out as it went in: large numbers and spaces would not.
function toValue({ payload, payload_encoding }: SentMessage) {
  if (payload_encoding === "base64") {
    return { content: "bytes", value: `Buffer.from(${JSON.stringify(payload)}, "base64")` };
  }
  return isSameAsJson(payload)
    ? { content: "json", value: payload }
    : { content: "text", value: JSON.stringify(payload) };
}

function isSameAsJson(text: string): boolean {
  try {
    // A literal with this name sets the prototype instead.
    return !text.includes("__proto__") && JSON.stringify(JSON.parse(text)) === text;
  } catch {
    return false;
  }
}

function toOptions({ qos, retain, properties }: SentMessage): string {
  const words = [
    ...(qos === 1 ? [] : [`qos: ${qos}`]),
    ...(retain ? ["retain: true"] : []),
    ...(properties ? [`properties: ${toProperties(properties)}`] : []),
  ];
  return words.length === 0 ? "" : `, { ${words.join(", ")} }`;
}

function toProperties(properties: PropertiesJson): string {
  const { payload_format_indicator: indicator, correlation_data: data } = properties;
  const encoding = properties.correlation_data_encoding ?? "utf8";
  const given = {
    payloadFormatIndicator: indicator === undefined ? undefined : String(indicator === 1),
    messageExpiryInterval: toLiteral(properties.message_expiry_interval),
    responseTopic: toLiteral(properties.response_topic),
    correlationData: data && `Buffer.from(${toLiteral(data)}, ${toLiteral(encoding)})`,
    contentType: toLiteral(properties.content_type),
    userProperties: toLiteral(properties.user_properties),
  };
  const present = Object.entries(given).filter(([, value]) => value !== undefined);
  return `{ ${present.map(([name, value]) => `${name}: ${value}`).join(", ")} }`;
}

function toLiteral(value: unknown): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value);
}
