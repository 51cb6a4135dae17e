// The public module: what a handler file imports as "viaduto".

export { ViadutoError } from "./lib/errors.ts";
export type { Message, MessageProperties, PublishResult, QoS } from "./topics/message.ts";
export {
  type Context,
  type Handler,
  type HandlerOptions,
  on,
  type PublishOptions,
  type Topic,
  t,
  topic,
} from "./topics/topic.ts";
