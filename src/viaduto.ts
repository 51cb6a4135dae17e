// The public module: what a handler file imports as "viaduto".

export { ViadutoError } from "./lib/errors.ts";
export {
  type Context,
  type Handler,
  type HandlerOptions,
  type Hooks,
  hooks,
  on,
  type Retries,
} from "./topics/handler.ts";
export type { Message, MessageProperties, PublishResult, QoS } from "./topics/message.ts";
export {
  type PublishOptions,
  type RequestOptions,
  type Topic,
  t,
  topic,
} from "./topics/topic.ts";
