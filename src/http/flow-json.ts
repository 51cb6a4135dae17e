// A flow as JSON. What the caller may not read is left out: the topics of other messages, and the
// words of errors that may tell of them.

import type { Flow, FlowOrigin, FlowPublish, FlowRun, Sent } from "../store/flow.ts";
import type { FlowJson } from "./flow-schemas.ts";
import { toIso, toPayloadText } from "./message-json.ts";

type RunJson = FlowJson["runs"][number];
type IsReadable = (topic: string) => boolean;
/** The time since the flow began. */
type ToMs = (atMs: number) => number;

/** The caller may read the flow's own topic. */
export function toFlowJson(flow: Flow, isReadable: IsReadable): FlowJson {
  const { topic, qos, retain, payloadText, payloadBytes, origin, arrivedAtMs } = flow.facts;
  const toMs = (atMs: number) => Math.round((atMs - flow.startedAtMs) * 1_000) / 1_000;
  const isCut = payloadText.length < payloadBytes;
  const payload = toPayloadText(Buffer.from(payloadText, "latin1"), isCut);
  return {
    id: flow.id,
    at: toIso(flow.startedAt),
    status: toStatus(flow),
    sender: toSenderJson(origin, toMs),
    topic,
    qos,
    retain,
    payload: payload.text,
    payload_encoding: payload.encoding,
    payload_bytes: payloadBytes,
    ...(isCut && { payload_cut: true }),
    arrived_ms: toMs(arrivedAtMs),
    runs: flow.runs.map((run, at) => {
      const before = flow.runs.slice(0, at).findLast(({ handler }) => handler === run.handler);
      return toRunJson(run, before?.endedAtMs ?? arrivedAtMs, isReadable, toMs);
    }),
    ...(flow.leftOut > 0 && { left_out: flow.leftOut }),
  };
}

function toStatus({ open, runs }: Flow): FlowJson["status"] {
  if (open > 0) return "running";
  const isRight = runs.every(({ outcome }) => outcome === "done" || outcome === "retried");
  return isRight ? "done" : "failed";
}

function toSenderJson({ sender, sent }: FlowOrigin, toMs: ToMs): FlowJson["sender"] {
  const { kind } = sender;
  const times = sent ? toTimesJson(sent, toMs) : {};
  const code = sent?.failure && { code: sent.failure.code };
  switch (kind) {
    case "http": {
      const { method, route, requestId, caller } = sender;
      const names = {
        ...(requestId !== undefined && { request_id: requestId }),
        ...(caller !== undefined && { caller }),
      };
      return { kind, method, route, ...names, ...times, ...code };
    }
    case "handler": {
      const flow = sender.flowId !== undefined && { flow: sender.flowId };
      return { kind, handler: sender.handler, ...flow, ...times, ...code };
    }
    case "client":
      return {
        kind,
        ...(sender.clientId !== undefined && { client_id: sender.clientId }),
        ...times,
      };
    case "dead_letter":
      return { kind, dead_letter: sender.deadLetterId };
    case "broker":
      return { kind };
    default:
      return sender satisfies never;
  }
}

function toRunJson(
  { handler, attempt, startedAtMs, endedAtMs, outcome, failure, deadLetterId, publishes }: FlowRun,
  readyAtMs: number,
  isReadable: IsReadable,
  toMs: ToMs,
): RunJson {
  const isAllShown = publishes.every(({ topic }) => isReadable(topic));
  return {
    handler,
    attempt,
    ...(startedAtMs !== undefined && {
      queued_ms: Math.max(0, Math.round((startedAtMs - readyAtMs) * 1_000) / 1_000),
      start_ms: toMs(startedAtMs),
    }),
    ...(endedAtMs !== undefined && { end_ms: toMs(endedAtMs) }),
    ...(outcome && { outcome }),
    ...(failure && { code: failure.code }),
    ...(failure && isAllShown && { detail: failure.message }),
    ...(deadLetterId !== undefined && { dead_letter: deadLetterId }),
    publishes: publishes.map((one) => toPublishJson(one, isReadable(one.topic), toMs)),
  };
}

function toPublishJson(published: FlowPublish, isShown: boolean, toMs: ToMs) {
  const { topic, qos, retain, isReply, isCall, sentAtMs, failure, flowId } = published;
  return {
    ...(isShown && { topic }),
    qos,
    retain,
    is_reply: isReply,
    is_call: isCall,
    ...toTimesJson(published, toMs),
    sent_ms: toMs(sentAtMs),
    ...(failure && { code: failure.code }),
    ...(failure && isShown && { detail: failure.message }),
    ...(flowId !== undefined && { flow: flowId }),
  };
}

function toTimesJson({ sentAtMs, acknowledgedAtMs, answeredAtMs }: Sent, toMs: ToMs) {
  return {
    sent_ms: toMs(sentAtMs),
    ...(acknowledgedAtMs !== undefined && { acknowledged_ms: toMs(acknowledgedAtMs) }),
    ...(answeredAtMs !== undefined && { answered_ms: toMs(answeredAtMs) }),
  };
}
