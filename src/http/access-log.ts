// What the log says of requests: each one at the level debug, and who is refused once for each
// cause and address, so that nobody fills the log by asking. Called by guard.ts.

import { toAddressRange } from "../access/address-range.ts";
import { joinSentences, type ViadutoError } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";
import type { Routable } from "./routable-request.ts";

export type AccessLog = {
  answered(facts: Answered): void;
  refused(error: ViadutoError, address: string, id: string): void;
};

type Answered = Routable & {
  readonly answer: Response;
  readonly id: string;
  readonly startedAtMs: number;
  /** That of the token. */
  readonly caller: string | undefined;
};

/** A browser without its token is no attack; the others are worth a look. */
const TOLD_STATUSES: readonly number[] = [403, 408, 421, 429];
const FORGET_MS = 3_600_000;
/** Causes that are remembered; when there are more, all are told anew. */
const CAUSES_MAX = 1_000;

export function createAccessLog(log: Logger): AccessLog {
  const toldAtMs = new Map<string, number>();
  const isNew = (cause: string) => {
    const now = Date.now();
    const told = toldAtMs.get(cause);
    if (told !== undefined && now - told < FORGET_MS) return false;
    if (toldAtMs.size >= CAUSES_MAX) toldAtMs.clear();
    toldAtMs.set(cause, now);
    return true;
  };
  return {
    answered({ request, pathname, answer, id, startedAtMs, caller }) {
      const { method } = request;
      const { status } = answer;
      const ms = Math.round(performance.now() - startedAtMs);
      // Without the query, which may hold a token.
      const words = () => {
        const name = caller === undefined ? "" : ` ${caller}`;
        return `${method} ${pathname} ${status} ${ms} ms${name} [${id}]`;
      };
      const facts = { method, status, ms, request_id: id, caller };
      log.debug(words, facts);
    },
    refused(error, address, id) {
      const { code, httpStatus, message, hint } = error;
      if (code !== "token_wrong" && !TOLD_STATUSES.includes(httpStatus)) return;
      const range = toAddressRange(address);
      if (!isNew(`${range} ${code}`)) return;
      const words = joinSentences(`refused a request from ${range}: ${message}`, hint);
      log.warn(`${words} [${id}]`, { code, request_id: id });
    },
  };
}
