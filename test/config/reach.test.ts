// Who may come in, decided before anything listens.

import { expect, test } from "bun:test";
import { isAnonymousAllowed, refusePublic } from "../../src/config/reach.ts";
import { catchError, readFrom } from "./settings-reader.ts";

const read = (argv: readonly string[]) => readFrom({ argv }).settings;
const CERTIFICATES = ["--tls-cert", "c", "--tls-key", "k", "--tls-ca", "a"];

test.each([
  [
    [],
    "a login for MQTT and a token for HTTP",
    ["--password-file", "--tls-ca", "--http-token", "--http-tokens-file"],
  ],
  [["--http-token", "t"], "a login for MQTT", ["--password-file", "--tls-ca"]],
  [["--password-file", "p"], "a token for HTTP", ["--http-token", "--http-tokens-file"]],
  [CERTIFICATES, "a token for HTTP", ["--http-token", "--http-tokens-file"]],
  [["--broker", "a"], "a token for HTTP", ["--http-token", "--http-tokens-file"]],
])("beyond loopback with %j: %s is missing", (argv, missing, remedies) => {
  for (const host of ["0.0.0.0", "::", "10.0.0.1", "pi.local"]) {
    const error = catchError(() => refusePublic(read(["--host", host, ...argv]), true));
    expect([error.code, error.exitCode]).toEqual(["listen_public_refused", 2]);
    expect(error.message).toStartWith(`refusing to listen on ${host}: ${missing} is missing`);
    const named = [...error.hint.matchAll(/--[a-z-]+/g)].map(([flag]) => flag);
    expect(named).toEqual([...remedies, "--lan", "--allow-anonymous"]);
  }
});

test.each([
  [["--lan"]],
  [["--allow-anonymous"]],
  [["--password-file", "p", "--http-token", "t"]],
  [[...CERTIFICATES, "--http-token", "t"]],
  [["--password-file", "p", "--http-tokens-file", "t"]],
  [["--broker", "a", "--http-token", "t"]],
  [["--host", "127.0.0.1"]],
  [["--host", "::1"]],
  [["--host", "localhost"]],
])("with %j it may listen", (argv) => {
  expect(() => refusePublic(read(["--host", "0.0.0.0", ...argv]), true)).not.toThrow();
});

test("without HTTP, as in a library's app, no token is needed", () => {
  const settings = read(["--host", "0.0.0.0", "--password-file", "p"]);
  expect(() => refusePublic(settings, false)).not.toThrow();
});

test.each([
  [[], true],
  [["--allow-anonymous"], true],
  [["--password-file", "p"], false],
  [["--password-file", "p", "--allow-anonymous"], true],
  [["--lan", "--host", "127.0.0.1"], false],
  [["--lan"], false],
  [CERTIFICATES, true],
  [["--host", "0.0.0.0", ...CERTIFICATES], false],
])("with %j a client without a user name is let in: %p", (argv, isAllowed) => {
  expect(isAnonymousAllowed(read(argv))).toBe(isAllowed);
});
