// The language as one module: what a file of the handler folder imports as "viaduto".

export { ViadutoError } from "../lib/errors.ts";
export type { Logger } from "../lib/log.ts";
export {
  type CommonHooks,
  type Context,
  type Handler,
  type HandlerOptions,
  type Hooks,
  hooks,
  on,
  type Retries,
} from "./handler.ts";
export type { Message, MessageProperties, PublishResult, QoS } from "./message.ts";
export {
  type Publish,
  type PublishOptions,
  type Request,
  type RequestOptions,
  type Topic,
  t,
  topic,
} from "./topic.ts";
