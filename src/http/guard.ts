// What stands before the routes wherever they are served, by server.ts or in somebody's own app:
// who may come in, from where, how often and with how much. What it lets through has a caller, an
// id and a body that is there. It knows no route.

import { toAddressRange } from "../access/address-range.ts";
import type { HttpTokens } from "../access/http-tokens.ts";
import { splitList } from "../config/door-options.ts";
import type { Settings } from "../config/read.ts";
import { toViadutoError, ViadutoError } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";
import { createAccessLog } from "./access-log.ts";
import { createBodyReader, showBody } from "./bounded-body.ts";
import { ANYONE, type Caller } from "./caller.ts";
import { allowOrigin, answerPreflight } from "./cross-origin.ts";
import { createOriginCheck } from "./origin-check.ts";
import { toProblemResponse } from "./problem.ts";
import { createRateLimit } from "./rate-limit.ts";
import { readRequestId, showRequestId } from "./request-id.ts";
import { type Routable, toRoutable } from "./routable-request.ts";
import { findScope, isOpen } from "./route-scopes.ts";
import { addSecurityHeaders } from "./security-headers.ts";
import { identify } from "./token-check.ts";
import { openVisit } from "./visit.ts";

export type GuardOptions = {
  readonly settings: Pick<
    Settings,
    | "corsOrigins"
    | "httpBodyTimeoutMs"
    | "httpHosts"
    | "httpRequestsPerSecondMax"
    | "lan"
    | "payloadBytesMax"
    | "urlBytesMax"
  >;
  /** Nobody but this machine reaches the server. */
  readonly listensOnLoopback: () => boolean;
  readonly tokens: () => HttpTokens | Promise<HttpTokens>;
  /** Where the routes are mounted; "" for a server of their own. */
  readonly basePath?: string;
  readonly log: Logger;
};

/** Who asks, once it may come in; or what it is answered instead. */
export type Admission = { readonly caller: Caller; readonly answer?: Response };

/** What the answer says of the limits. */
type Told = Record<string, string>;

export type Guard = {
  /**
   * What `handle` answers to the request, which it is given with its body read. Never rejects:
   * answers what `admit` and `handle` throw, `payload_too_large` and `body_late`.
   */
  handle(
    request: Request,
    address: string,
    handle: (request: Request) => Promise<Response>,
  ): Promise<Response>;
  /**
   * For what is no request and answer, as a WebSocket: throws `url_too_long`, `host_refused`,
   * `origin_refused`, `token_missing`, `token_wrong`, `tokens_guessed`, `scope_missing` and
   * `requests_too_many`.
   */
  admit(request: Request, address: string): Promise<Admission>;
  /** The part of it that is asked where another login follows, as for MQTT. */
  isWelcome(request: Request): boolean;
};

/** base64 and JSON escapes make a payload larger, six times at most (`\u0000`). */
const BODY_BYTES_PER_PAYLOAD_BYTE = 6;
/** Where the body is the payload, as it is. */
const PAYLOAD_PATH = /^\/(topics|rpc)\//;
/** Room in a body for what stands beside the payload. */
const BODY_EXTRA_BYTES = 65_536;

export function createGuard(options: GuardOptions): Guard {
  const { settings, log } = options;
  const origins = splitList(settings.corsOrigins);
  const bytesMax = settings.payloadBytesMax * BODY_BYTES_PER_PAYLOAD_BYTE + BODY_EXTRA_BYTES;
  const readBody = createBodyReader(settings.httpBodyTimeoutMs);
  const accessLog = createAccessLog(log);
  const checkOrigin = createOriginCheck(options, origins);
  const admit = createAdmittance(options, origins, checkOrigin);
  return {
    admit: (request, address) => admit(toRoutable(request), address, {}),
    isWelcome(request) {
      try {
        checkOrigin(request);
        return true;
      } catch {
        return false; // The words are for who comes through `admit`.
      }
    },
    async handle(given, address, handle) {
      const startedAtMs = performance.now();
      const routable = toRoutable(given);
      const { request } = routable;
      const id = readRequestId(request);
      const told: Told = {};
      let caller = ANYONE;
      const pass = async () => {
        const admission = await admit(routable, address, told);
        if (admission.answer) return admission.answer;
        caller = admission.caller;
        const isPayload = PAYLOAD_PATH.test(routable.pathname);
        const body = await readBody(request, isPayload ? settings.payloadBytesMax : bytesMax);
        const visit = { caller, id, startedAtMs, address, body, trace: undefined, route: "" };
        openVisit(request, visit);
        if (body) showBody(request);
        return handle(request);
      };
      const answer = await pass().catch((error) => {
        const problem = toViadutoError(error);
        accessLog.refused(problem, address, id);
        return toProblemResponse(problem, request);
      });
      for (const name in told) answer.headers.set(name, told[name] ?? "");
      addSecurityHeaders(answer.headers);
      allowOrigin(answer.headers, request, origins);
      showRequestId(answer.headers, id);
      accessLog.answered({ ...routable, answer, id, startedAtMs, caller: caller.name });
      return answer;
    },
  };
}

/** `told` takes what the answer says of the limits, also when the request is refused. */
function createAdmittance(
  { settings, tokens, basePath }: GuardOptions,
  origins: readonly string[],
  checkOrigin: (request: Request) => void,
) {
  const max = settings.httpRequestsPerSecondMax;
  const limit = createRateLimit(max, () => performance.now());
  return async (routable: Routable, address: string, told: Told): Promise<Admission> => {
    const { request, pathname } = routable;
    checkUrl(request, settings.urlBytesMax);
    checkOrigin(request);
    const preflight = answerPreflight(request, origins);
    if (preflight) return { caller: ANYONE, answer: preflight };
    const known = tokens();
    const identified = await identify(
      routable,
      address,
      known instanceof Promise ? await known : known,
      basePath,
    );
    if (identified.kind === "answer") return { caller: ANYONE, answer: identified.answer };
    const { caller } = identified;
    if (isOpen(pathname)) return { caller }; // Who supervises is never refused.
    if (limit) {
      const key = caller.name === undefined ? toAddressRange(address) : `token ${caller.name}`;
      const { isGranted, headers } = limit.take(key);
      Object.assign(told, headers);
      if (!isGranted) throw new ViadutoError("requests_too_many", { max });
    }
    const scope = findScope(request.method, pathname);
    if (scope !== undefined) caller.check(scope);
    return { caller };
  };
}

function checkUrl({ url }: Request, bytesMax: number): void {
  if (url.length <= bytesMax) return; // It is ASCII: Bun has encoded the rest.
  throw new ViadutoError("url_too_long", { bytes: url.length, bytesMax });
}
