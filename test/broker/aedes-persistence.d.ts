// Types for the test suite of aedes' persistence interface, which has none.

declare module "aedes-persistence/abstract.js" {
  import type * as assert from "node:assert";

  type Context = {
    plan(count: number): void;
    diagnostic(text: string): void;
    readonly assert: Pick<typeof assert, "equal" | "notEqual" | "deepEqual" | "ok">;
  };
  export default function describePersistence(options: {
    test(name: string, run: (context: Context) => Promise<void>): void;
    /** Called by every test; it destroys what it gets. */
    persistence(): unknown;
    /** True: the functions give promises, and take no callbacks. */
    readonly testAsync: true;
  }): void;
}
