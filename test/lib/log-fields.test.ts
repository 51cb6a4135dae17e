// A log with fields of its own in each line, as handlers are given one when they are traced.

import { expect, test } from "bun:test";
import { ViadutoError } from "../../src/lib/errors.ts";
import { createLogger, withFields } from "../../src/lib/log.ts";
import { createLogLines } from "../kit/log-lines.ts";

test("every line has them, problems too, and a field of the line itself goes before", async () => {
  const { writer, lines, waitForLine } = createLogLines();
  const plain = createLogger({ name: "A", level: "debug", format: "json", colour: false, writer });
  const log = withFields(plain, { trace_id: "t" });
  log.debug("one");
  log.info(() => "two", { more: 1 });
  log.warn("three", { trace_id: "other" });
  log.error("four");
  log.problem("error", new ViadutoError("link_closed"));
  log.problem("warn", new Error("five"));
  log.named("B").info("six");
  await waitForLine(/six/);
  const read = lines.map((line) => JSON.parse(line));
  expect(read.map(({ trace_id }) => trace_id)).toEqual(["t", "t", "other", "t", "t", "t", "t"]);
  expect(read[1]).toMatchObject({ message: "two", more: 1 });
  expect(read[4]).toMatchObject({ code: "link_closed", level: "error" });
  expect(read[6]).toMatchObject({ name: "B", message: "six" });
});
