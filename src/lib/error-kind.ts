// What the catalogue says of each error. Data only.

/** One entry of the catalogue. */
export type ErrorKind = {
  readonly message: string;
  readonly hint: string;
  /** HTTP status (RFC 9110) when it reaches a caller over HTTP; 500 when absent. */
  readonly httpStatus?: number;
  /** Process exit code: 1 failed (default), 2 used wrongly, 3 nothing arrived in time. */
  readonly exitCode?: number;
};
