// What running a handler needs from around it. Made once, by dispatcher. Data only.

import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/log.ts";
import type { Tracer } from "../lib/tracer.ts";
import type { LinkPublishOptions } from "../link/link-options.ts";
import type { LinkRequestOptions } from "../link/requests.ts";
import type { Hooks } from "../topics/handler.ts";
import type { Message, OutgoingMessage, PublishResult } from "../topics/message.ts";
import type { Pattern } from "../topics/pattern.ts";
import type { Deadlines } from "./deadlines.ts";
import type { FlowTelling } from "./flow-telling.ts";
import type { Lineage } from "./lineage.ts";
import type { OnTheWay } from "./on-the-way.ts";
import type { StallWatch } from "./stall-watch.ts";

export type HandlerLimits = {
  /** Runs of one handler side by side, where it does not say itself. */
  readonly concurrency: number;
  /** How long one run may take, where the handler does not say itself. */
  readonly handlerTimeoutMs: number;
  readonly requestTimeoutMs: number;
  /** Handlers that a message may pass, each publishing to the next. */
  readonly hopsMax: number;
  /** Messages to own handlers that may come of one, directly or through others. */
  readonly familyMax: number;
};

export type LinkFunctions = {
  readonly publish: (
    message: OutgoingMessage,
    options: LinkPublishOptions,
  ) => Promise<PublishResult>;
  readonly request: (message: OutgoingMessage, options: LinkRequestOptions) => Promise<Message>;
};

export type Services = LinkFunctions & {
  /** Undefined when nobody traces. */
  readonly tracer: Tracer | undefined;
  readonly limits: HandlerLimits;
  readonly log: Logger;
  readonly clock: Clock;
  readonly deadlines: Deadlines;
  /** What this bridge published to topics of its own handlers. */
  readonly own: OnTheWay<Lineage>;
  /** Undefined when no flows are told. */
  readonly telling: FlowTelling | undefined;
  /** Tells the log of what was not sent; of a loop, its dead letter tells. */
  readonly tellUnsent: (error: unknown) => void;
  readonly watch: StallWatch;
  /** Whether some handler listens on the topic; faster with the pattern that it comes from. */
  readonly isHandled: (topic: string, pattern?: Pattern) => boolean;
  /** The hooks around all handlers, as they are now. */
  readonly hooks: () => readonly Hooks[];
  /** Whether the broker keeps what is not acknowledged when the bridge stops. */
  readonly isKept: boolean;
  /** Aborted when the bridge stops: what waits for a retry is left to the next start. */
  readonly stopping: AbortSignal;
  /** Of runs whose handlers asked for their signal: aborted together with `signal`. */
  readonly runs: Set<AbortController>;
  /** Aborted when the stopping bridge does not wait for running handlers any longer. */
  readonly signal: AbortSignal;
};
