// What a story says of itself, in the reader's language.

import type {
  FlowJson,
  FlowPublishJson,
  FlowRunJson,
  FlowSenderJson,
} from "../live/flow-answers.ts";
import { showMarks } from "../parts/visible-marks.ts";
import { say } from "../words/words.ts";
import type { Step } from "./waterfall.ts";

/** How it went: a colour, and the same in words. */
export type Outcome = { readonly tone: "good" | "warm" | "bad" | "busy"; readonly words: string };

export function toSenderWords(sender: FlowSenderJson): string {
  const { kind, method = "", route = "", client_id, handler = "", dead_letter = 0 } = sender;
  switch (kind) {
    case "http":
      return say("flow.fromHttp", { method, route });
    case "client":
      if (client_id === undefined) return say("flow.fromSomeDevice");
      return say("flow.fromDevice", { device: showMarks(client_id) });
    case "handler":
      return say("flow.fromHandler", { handler });
    case "dead_letter":
      return say("flow.fromLetter", { letter: `${dead_letter}` });
    case "broker":
      return say("flow.fromBroker");
    default:
      return kind satisfies never;
  }
}

export function toStatusOutcome({ status }: FlowJson): Outcome {
  if (status === "running") return { tone: "busy", words: say("flow.running") };
  if (status === "done") return { tone: "good", words: say("flow.done") };
  return { tone: "bad", words: say("flow.failed") };
}

export function toStepWords(step: Step): string {
  switch (step.kind) {
    case "sender":
      return toSenderWords(step.sender);
    case "broker":
      return say("flow.broker");
    case "run": {
      const { handler, attempt } = step.run;
      if (attempt <= 1) return say("flow.run", { handler });
      return say("flow.runAgain", { handler, attempt });
    }
    case "publish":
      return toPublishWords(step.published);
    case "answered":
      return say("flow.answered");
    default:
      return step satisfies never;
  }
}

export function toStepOutcome(step: Step): Outcome | undefined {
  if (step.kind === "run") return toRunOutcome(step.run);
  if (step.kind === "publish") return toSentOutcome(step.published);
  if (step.kind !== "sender" || step.sender.code === undefined) return undefined;
  return { tone: "bad", words: step.sender.code };
}

function toPublishWords({ topic, is_reply, is_call }: FlowPublishJson): string {
  const to = topic ?? say("flow.hiddenTopic");
  if (is_reply) return say("flow.replies", { topic: to });
  return is_call ? say("flow.asks", { topic: to }) : say("flow.publishes", { topic: to });
}

function toSentOutcome({ code, answered_ms, acknowledged_ms }: FlowPublishJson): Outcome {
  if (code !== undefined) return { tone: "bad", words: code };
  if (answered_ms !== undefined) return { tone: "good", words: say("flow.gotReply") };
  if (acknowledged_ms !== undefined) return { tone: "good", words: say("flow.acknowledged") };
  return { tone: "busy", words: say("flow.onItsWay") };
}

function toRunOutcome({ outcome, attempt, start_ms }: FlowRunJson): Outcome {
  switch (outcome) {
    case "done":
      return { tone: "good", words: say("flow.done") };
    case "retried":
      return { tone: "warm", words: say("flow.retried") };
    case "timeout":
      return { tone: "bad", words: say("flow.timeout") };
    case "failed":
      return { tone: "bad", words: say("flow.failed") };
    case "dead_letter":
      return { tone: "bad", words: say(attempt === 0 ? "flow.unfit" : "flow.buried") };
    case undefined:
      return { tone: "busy", words: say(start_ms === undefined ? "flow.waits" : "flow.runs") };
    default:
      return outcome satisfies never;
  }
}
