// The message that the reader is writing, as texts, just as the fields hold them; what is wrong
// with it; and what it is for the bridge. It stays while other pages are shown.

import { signal } from "@preact/signals";

export type Encoding = "json" | "text" | "base64";

export type Draft = {
  /** A topic, or the pattern of a typed one. */
  readonly topic: string;
  /** Values for the names in the pattern. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly text: string;
  /** The text as the page proposed it; as long as it is that, nobody wrote it. */
  readonly proposed: string;
  readonly encoding: Encoding;
  /** The payload is written as text although there is a form. */
  readonly isRaw: boolean;
  readonly qos: 0 | 1 | 2;
  readonly isRetained: boolean;
  readonly isAsking: boolean;
  readonly timeoutSeconds: string;
  readonly contentType: string;
  readonly expirySeconds: string;
  readonly responseTopic: string;
  readonly correlation: string;
  readonly isCorrelationBase64: boolean;
  readonly isUtf8: boolean;
  readonly userProperties: readonly (readonly [name: string, value: string])[];
};

export type DraftField = "topic" | "text" | "timeoutSeconds" | "expirySeconds" | TextField;
type TextField = "contentType" | "responseTopic" | "correlation";
/** Each is told in words under its name, in words/english-publish.ts. */
export type DraftProblem =
  | "topicMissing"
  | "topicWildcard"
  | "topicControl"
  | "topicDots"
  | "parameterMissing"
  | "jsonBroken"
  | "base64Broken"
  | "secondsWanted"
  | "timeoutWanted";
export type DraftProblems = Readonly<Partial<Record<DraftField, DraftProblem>>>;

const NEW_DRAFT: Draft = {
  topic: "",
  parameters: {},
  text: "",
  proposed: "",
  encoding: "json",
  isRaw: false,
  // With QoS 0 the broker says nothing, not even that nobody subscribes.
  qos: 1,
  isRetained: false,
  isAsking: false,
  timeoutSeconds: "5",
  contentType: "",
  expirySeconds: "",
  responseTopic: "",
  correlation: "",
  isCorrelationBase64: false,
  isUtf8: false,
  userProperties: [],
};
const EXPIRY_SECONDS_MAX = 0xffff_ffff;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

export const draft = signal<Draft>(NEW_DRAFT);

export function changeDraft(part: Partial<Draft>): void {
  draft.value = { ...draft.peek(), ...part };
}

/** What was saved, whatever version of the page saved it. */
export function toDraft(saved: object): Draft {
  return { ...NEW_DRAFT, ...saved };
}

/** What keeps it from being sent. `topic` is the one with its parameters in their places. */
export function findProblems(message: Draft, topic: string): DraftProblems {
  const { isAsking, responseTopic, correlation, isCorrelationBase64 } = message;
  const response = responseTopic === "" ? undefined : findTopicProblem(responseTopic);
  const found: [DraftField, DraftProblem | undefined][] = [
    ["topic", findSendingTopicProblem(message, topic)],
    ["text", findTextProblem(message)],
    ["timeoutSeconds", isAsking ? findTimeoutProblem(message.timeoutSeconds) : undefined],
    ["expirySeconds", findExpiryProblem(message.expirySeconds)],
    ["responseTopic", response],
    ["correlation", isCorrelationBase64 && !isBase64(correlation) ? "base64Broken" : undefined],
  ];
  return Object.fromEntries(found.filter(([, problem]) => problem !== undefined));
}

export function isBase64(text: string): boolean {
  return BASE64.test(text.replaceAll(/\s/g, ""));
}

// A browser takes dot segments out of an address, so that it would ask another topic.
function findSendingTopicProblem(message: Draft, topic: string): DraftProblem | undefined {
  const isPattern = topic !== message.topic;
  if (isPattern && topic.split("/").includes("")) return "parameterMissing";
  const hasDots = topic.split("/").some((level) => level === "." || level === "..");
  return findTopicProblem(topic) ?? (message.isAsking && hasDots ? "topicDots" : undefined);
}

function findTopicProblem(topic: string): DraftProblem | undefined {
  if (topic === "") return "topicMissing";
  if (/[+#]/.test(topic)) return "topicWildcard"; // [MQTT-3.3.2-2]
  return CONTROL.test(topic) ? "topicControl" : undefined;
}

// An empty payload is none of JSON, but a message: retained, it deletes what is kept.
function findTextProblem({ text, encoding }: Draft): DraftProblem | undefined {
  if (encoding === "base64") return isBase64(text) ? undefined : "base64Broken";
  if (encoding === "text" || text === "") return undefined;
  try {
    JSON.parse(text);
    return undefined;
  } catch {
    return "jsonBroken";
  }
}

function findExpiryProblem(text: string): DraftProblem | undefined {
  const isFine = /^\d{0,10}$/.test(text) && Number(text) <= EXPIRY_SECONDS_MAX;
  return isFine ? undefined : "secondsWanted";
}

function findTimeoutProblem(text: string): DraftProblem | undefined {
  return Number(text) > 0 ? undefined : "timeoutWanted";
}
