// Two processes never have one data folder.

import { expect, test } from "bun:test";
import { Publication } from "../../src/broker/publication.ts";
import { openBrokerStore } from "../../src/store/broker-store.ts";
import { SILENT } from "../kit/broker-settings.ts";
import { makeDataFolder } from "../kit/kept-broker.ts";

test("a folder that one has is nobody else's until it closes", async () => {
  await using data = makeDataFolder();
  const open = () => openBrokerStore({ folder: data.path, durability: "full", log: SILENT });
  {
    await using first = open();
    first.load((fields) => new Publication(fields));
    expect(open).toThrow("another viaduto that runs has this folder");
  }
  await using second = open();
  expect(second.isKept).toBe(true);
});
