// The suite that the authors of aedes have for a persistence, over ours: what aedes may rely on.

import { afterAll, describe, expect, test } from "bun:test";
import assert from "node:assert";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import describePersistence from "aedes-persistence/abstract.js";
import { createPersistence } from "../../src/broker/persistence.ts";
import { RetainedMessages } from "../../src/broker/retained-messages.ts";
import { Router } from "../../src/broker/router.ts";
import { Sessions } from "../../src/broker/sessions.ts";
import { openBrokerStore } from "../../src/store/broker-store.ts";
import { TEST_LIMITS as limits, SILENT } from "../kit/broker-settings.ts";

const root = mkdtempSync(join(tmpdir(), "viaduto-persistence-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const FOLDERS: Readonly<Record<string, () => string>> = {
  "in a file": () => mkdtempSync(join(root, "data-")),
  "in memory": () => ":memory:",
};

describe.each(Object.entries(FOLDERS))("aedes' suite, %s:", (_name, toFolder) => {
  describePersistence({
    testAsync: true,
    persistence: () => openPersistence(toFolder()),
    test(name, run) {
      test(name, () => runPlanned(run));
    },
  });
});

/** The persistence over parts of its own, as engine.ts joins them. */
function openPersistence(folder: string) {
  const store = openBrokerStore({ folder, durability: "full", log: SILENT });
  const retained = new RetainedMessages({ limits, store, onFull: () => {} });
  const router = new Router(retained);
  const nothing = () => {};
  const events = { onDrop: nothing, onRefused: nothing, onExpired: nothing };
  const sessions = new Sessions({ limits, store, router, ...events });
  const persistence = createPersistence({ store, sessions, retained, router });
  return {
    ...persistence,
    broker: undefined as { readonly id: string } | undefined,
    /** The suite looks at it there, and changes its id. */
    async setup(broker: { readonly id: string }) {
      this.broker = broker;
      await persistence.setup(broker);
    },
  };
}

type Context = Parameters<Parameters<Parameters<typeof describePersistence>[0]["test"]>[1]>[0];

/** Runs a test that was written for Node's runner; as there, its plan must be kept. */
async function runPlanned(run: (context: Context) => Promise<void>): Promise<void> {
  let planned: number | undefined;
  let count = 0;
  const counted = <T extends object>(check: T): T => {
    return new Proxy(check, {
      apply(target, self, args) {
        count += 1;
        return Reflect.apply(target as () => void, self, args);
      },
    });
  };
  await run({
    plan(checks) {
      planned = checks;
    },
    diagnostic() {},
    assert: {
      equal: counted(assert.equal),
      notEqual: counted(assert.notEqual),
      deepEqual: counted(assert.deepEqual),
      ok: counted(assert.ok),
    },
  });
  if (planned !== undefined) expect(count).toBe(planned);
}
