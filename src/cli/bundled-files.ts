// What the binary carries for handler folders: the starter folder, and the types and modules that
// its .viaduto/ holds. Made by scripts/bundled-files.ts; read by init, new and test.

import { ViadutoError } from "../lib/errors.ts";

/** Path, with `/`, in its folder → text. */
export type Files = Readonly<Record<string, string>>;

export type BundledFiles = {
  /** What `viaduto init` writes once. */
  readonly starter: Files;
  /** What belongs into `.viaduto/`. */
  readonly support: Files;
};

/** The files. Throws `bundle_missing` where viaduto runs from source that was never built. */
export async function readBundledFiles(): Promise<BundledFiles> {
  try {
    // As a file, not as text: it is large, and no other command shall wait for it.
    const { default: path } = await import("../../dist/bundled-files.txt", {
      with: { type: "file" },
    });
    return (await Bun.file(path).json()) as BundledFiles;
  } catch (cause) {
    throw new ViadutoError("bundle_missing", {}, { cause });
  }
}
