// The English words, which say what words there are. Each part is a file of its own.

import { englishBroker } from "./english-broker.ts";
import { englishChart } from "./english-chart.ts";
import { englishErrors } from "./english-errors.ts";
import { englishFlow } from "./english-flow.ts";
import { englishHandlers } from "./english-handlers.ts";
import { englishMessage } from "./english-message.ts";
import { englishPublish } from "./english-publish.ts";
import { englishRetained } from "./english-retained.ts";
import { englishSchema } from "./english-schema.ts";
import { englishShell } from "./english-shell.ts";
import { englishStage } from "./english-stage.ts";
import { englishTopics } from "./english-topics.ts";

export const english = {
  shell: englishShell,
  errors: englishErrors,
  topics: englishTopics,
  message: englishMessage,
  chart: englishChart,
  publish: englishPublish,
  schema: englishSchema,
  flow: englishFlow,
  handlers: englishHandlers,
  retained: englishRetained,
  broker: englishBroker,
  stage: englishStage,
} as const;
