// Who sends a request, and what that one may do. The guard names the caller of each request that it
// lets through; the routes ask.

export type Scope = "read" | "publish" | "admin";

export type Caller = {
  /** Undefined for whoever needs no token. */
  readonly name: string | undefined;
  /** Throws unless the caller may do this, with this topic or filter where there is one. */
  readonly check: (scope: Scope, topicOrFilter?: string) => void;
};

/** Everyone, where no token is asked for. */
export const ANYONE: Caller = { name: undefined, check() {} };

const callers = new WeakMap<Request, Caller>();

export function nameCaller(request: Request, caller: Caller): void {
  callers.set(request, caller);
}

export function callerOf(request: Request): Caller {
  return callers.get(request) ?? ANYONE;
}
