// What went wrong between the page and the bridge, as an error with the code of the bridge's
// catalogue. Thrown by api.ts; told in words by shell/error-words.ts.

export class ProblemError extends Error {
  override name = "ProblemError";
  /** Of the catalogue; `bridge_unreachable` when there was no answer. */
  readonly code: string;
  /** What to do now, in the bridge's words. */
  readonly hint: string;
  /** Of HTTP; 0 when there was no answer. */
  readonly status: number;

  constructor(code: string, detail: string, hint: string, status: number, cause?: unknown) {
    super(detail, { cause });
    this.code = code;
    this.hint = hint;
    this.status = status;
  }
}

/** The error of an answer that is no success: problem+json (RFC 9457), or whatever else it is. */
export async function readProblem(answer: Response): Promise<ProblemError> {
  const text = await answer.text().catch(() => "");
  const { code, detail, hint } = parseObject(text);
  const words = typeof detail === "string" ? detail : `${answer.status} ${answer.statusText}`;
  const known = typeof code === "string" ? code : "unknown";
  return new ProblemError(known, words, typeof hint === "string" ? hint : "", answer.status);
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {
    // Something between the page and the bridge answered; its status says enough.
  }
  return {};
}
