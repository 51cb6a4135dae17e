// The Brazilian Portuguese words. That none is missing is checked by the types of the parts.

import { portugueseBroker } from "./portuguese-broker.ts";
import { portugueseChart } from "./portuguese-chart.ts";
import { portugueseErrors } from "./portuguese-errors.ts";
import { portugueseFlow } from "./portuguese-flow.ts";
import { portugueseHandlers } from "./portuguese-handlers.ts";
import { portugueseMessage } from "./portuguese-message.ts";
import { portuguesePublish } from "./portuguese-publish.ts";
import { portugueseRetained } from "./portuguese-retained.ts";
import { portugueseSchema } from "./portuguese-schema.ts";
import { portugueseShell } from "./portuguese-shell.ts";
import { portugueseStage } from "./portuguese-stage.ts";
import { portugueseTopics } from "./portuguese-topics.ts";

export const portuguese = {
  shell: portugueseShell,
  errors: portugueseErrors,
  topics: portugueseTopics,
  message: portugueseMessage,
  chart: portugueseChart,
  publish: portuguesePublish,
  schema: portugueseSchema,
  flow: portugueseFlow,
  handlers: portugueseHandlers,
  retained: portugueseRetained,
  broker: portugueseBroker,
  stage: portugueseStage,
} as const;
