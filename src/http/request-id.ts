// The id of a request: in its answer and in its log lines. Whoever stands before us may have given
// one, by which the whole way can be found.

const HEADER = "X-Request-Id";
/** What cannot break out of a header or of a log line. */
const WELL_FORMED = /^[\w.:~+/=@-]{1,128}$/;

/** The id that the request brings when it is well-formed, else a new one. */
export function readRequestId({ headers }: Request): string {
  const given = headers.get(HEADER);
  return given !== null && WELL_FORMED.test(given) ? given : crypto.randomUUID();
}

export function showRequestId(answer: Headers, id: string): void {
  answer.set(HEADER, id);
}
