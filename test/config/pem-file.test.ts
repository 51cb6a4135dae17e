import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readPemFiles } from "../../src/config/pem-file.ts";
import { AUTHORITY, SERVER_CERTIFICATE, SERVER_KEY } from "../kit/certificates.ts";
import { catchError } from "./settings-reader.ts";

type Texts = { ca?: string; cert?: string; key?: string };

/** Reads the texts as files; each file has the name of its part. */
function readTexts(texts: Texts) {
  const folder = mkdtempSync(join(tmpdir(), "viaduto-pem-"));
  try {
    const files = Object.entries(texts).map(([part, text]) => {
      const file = join(folder, part);
      writeFileSync(file, text);
      return [part, file];
    });
    return readPemFiles(Object.fromEntries(files));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("files that TLS can use are read as they are", () => {
  const texts = { ca: `# ours\n${AUTHORITY}`, cert: SERVER_CERTIFICATE, key: SERVER_KEY };
  expect(readTexts(texts)).toEqual(texts);
  expect(readPemFiles({ ca: undefined })).toEqual({});
});

const CUT = `${AUTHORITY.slice(0, 200)}\n-----END CERTIFICATE-----\n`;

test.each<[string, string, Texts, string]>([
  ["an empty file", "ca", { ca: "" }, "it has no -----BEGIN … CERTIFICATE-----"],
  ["something else", "ca", { ca: "ca.pem" }, "it has no -----BEGIN … CERTIFICATE-----"],
  ["a key for a certificate", "cert", { cert: SERVER_KEY }, "it has no -----BEGIN"],
  ["a certificate for a key", "key", { key: AUTHORITY }, "it has no -----BEGIN … PRIVATE KEY"],
  ["half an authority", "ca", { ca: CUT }, "Invalid CA"],
  ["half a certificate", "cert", { cert: CUT }, ""],
  ["another's key", "key", { cert: AUTHORITY, key: SERVER_KEY }, "KEY_VALUES_MISMATCH"],
])("%s is refused with the name of the file", (_, part, texts, reason) => {
  const error = catchError(() => readTexts(texts));
  expect([error.code, error.exitCode]).toEqual(["file_unreadable", 2]);
  expect(error.facts.file).toEndWith(`/${part}`);
  expect(error.facts.reason).toContain(reason);
});

test("a file that is not there is refused", () => {
  const { message } = catchError(() => readPemFiles({ key: "/no/such.pem" }));
  expect(message).toContain("/no/such.pem cannot be read: ENOENT");
});
