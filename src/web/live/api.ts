// Requests to the bridge, from wherever it is mounted. The token travels as a cookie that no script
// can read: it is never in the hands of the page, but while it is entered.

import { ProblemError, readProblem } from "./problem-error.ts";

export type Api = {
  /** The JSON that the route answers. Rejects with `ProblemError`. */
  readonly ask: <Answer>(path: string, init?: RequestInit) => Promise<Answer>;
  /**
   * The answer itself, when it is a success, or what `isAnswer` takes for one: for exports, and for
   * what is no JSON.
   */
  readonly fetch: (path: string, init?: RequestInit, isAnswer?: IsAnswer) => Promise<Response>;
  /** The address of a path of the bridge, as `history?filter=a`, without a slash before it. */
  readonly toUrl: (path: string) => URL;
};

type IsAnswer = (answer: Response) => boolean;

/** `folder` is where the page is: its routes lie beside it. `onRefused` hears of 401. */
export function createApi(folder: string, onRefused: (error: ProblemError) => void): Api {
  const toUrl = (path: string) => new URL(path, folder);
  const request: Api["fetch"] = async (path, init = {}, isAnswer = ({ ok }) => ok) => {
    const headers = new Headers(init.headers);
    // Else GET / would answer with the page.
    if (!headers.has("Accept")) headers.set("Accept", "application/json");
    const answer = await fetch(toUrl(path), { ...init, headers }).catch((cause) => {
      if (init.signal?.aborted) throw cause;
      throw new ProblemError("bridge_unreachable", "the bridge does not answer", "", 0, cause);
    });
    if (isAnswer(answer)) return answer;
    const problem = await readProblem(answer);
    if (problem.status === 401) onRefused(problem);
    throw problem;
  };
  return {
    toUrl,
    fetch: request,
    async ask<Answer>(path: string, init?: RequestInit) {
      const answer = await request(path, init);
      const text = await answer.text();
      return (text === "" ? undefined : JSON.parse(text)) as Answer;
    },
  };
}
