import { describe, expect, test } from "bun:test";
import { ViadutoError } from "../../src/lib/errors.ts";
import {
  createLogger,
  escapeControl,
  formatLocalTime,
  LOG_LEVELS,
  type LogOptions,
} from "../../src/lib/log.ts";

function startLog(options: Partial<LogOptions> = {}) {
  const lines: string[] = [];
  const writer = { write: (line: string) => void lines.push(line), flush: async () => {} };
  const logger = createLogger({
    name: "MQTTClient",
    level: "debug",
    format: "text",
    colour: false,
    writer,
    ...options,
  });
  return { logger, lines };
}

describe("a line of text", () => {
  test("is the time, the name, the level and the message", () => {
    const { logger, lines } = startLog();
    const before = formatLocalTime(new Date());
    logger.info("devices/update -> {}");
    const after = formatLocalTime(new Date());
    expect([
      `${before} - MQTTClient - INFO - devices/update -> {}`,
      `${after} - MQTTClient - INFO - devices/update -> {}`,
    ]).toContain(lines[0] ?? "");
    expect(lines[0]).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d - MQTTClient - INFO - /);
  });

  test("has its time in the machine's zone, with two digits each", () => {
    expect(formatLocalTime(new Date(2025, 10, 30, 10, 12, 33))).toBe("2025-11-30 10:12:33");
    expect(formatLocalTime(new Date(2025, 0, 2, 3, 4, 5))).toBe("2025-01-02 03:04:05");
  });

  test("has the name that was given last", () => {
    const { logger, lines } = startLog();
    logger.named("Broker").warn("one");
    logger.named("Broker").named("HTTP").error("two");
    logger.debug("three");
    const rest = lines.map((line) => line.slice("2025-11-30 10:12:33 - ".length));
    expect(rest).toEqual([
      "Broker - WARN - one",
      "HTTP - ERROR - two",
      "MQTTClient - DEBUG - three",
    ]);
  });

  test("stays one line, whatever a stranger puts into it", () => {
    const { logger, lines } = startLog();
    const fake = "x\n2025-11-30 10:12:33 - MQTTClient - INFO - fake\r\u001b[2K\u0007\u0085\u2028";
    logger.info(fake);
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
    expect(lines[0]).toContain("x\\u000a2025-11-30");
    expect(lines[0]).toEndWith("fake\\u000d\\u001b[2K\\u0007\\u0085\\u2028");
  });

  test.each([
    ["\0", "\\u0000"],
    ["\t", "\\u0009"],
    ["\u007f", "\\u007f"],
    ["\u009b31m", "\\u009b31m"],
    ["\u202egnp.exe", "\\u202egnp.exe"], // Right-to-left override: shown as exe.png.
    ["\u2066\u2069", "\\u2066\\u2069"],
    ["\u200e\u200f\u061c", "\\u200e\\u200f\\u061c"], // Marks of direction.
    ["ü 漢 😀", "ü 漢 😀"],
  ])("shows %j as %s", (text, shown) => {
    expect(escapeControl(text)).toBe(shown);
  });

  test("is cut when it is long, and says how much is missing", () => {
    const { logger, lines } = startLog();
    logger.info("x".repeat(2_000));
    logger.info("x".repeat(70_000));
    expect(lines[0]).toEndWith(`- ${"x".repeat(2_000)}`);
    expect(lines[1]).toEndWith(`- ${"x".repeat(2_000)}… (68000 more characters)`);
  });

  test("is never cut through a character", () => {
    const { logger, lines } = startLog();
    logger.info(`${"x".repeat(1_999)}😀😀`);
    expect(lines[0]?.isWellFormed()).toBe(true);
  });

  test("has only its level in colour, and only when asked", () => {
    const { logger, lines } = startLog({ colour: true });
    for (const level of LOG_LEVELS) logger[level]("x");
    expect(lines.map((line) => line.slice("2025-11-30 10:12:33".length))).toEqual([
      " - MQTTClient - \u001b[90mDEBUG\u001b[0m - x",
      " - MQTTClient - \u001b[36mINFO\u001b[0m - x",
      " - MQTTClient - \u001b[33mWARN\u001b[0m - x",
      " - MQTTClient - \u001b[31mERROR\u001b[0m - x",
    ]);
  });

  test("leaves fields to JSON", () => {
    const { logger, lines } = startLog();
    logger.info("started", { port: 1883 });
    expect(lines[0]).toEndWith(" - INFO - started");
  });
});

describe("a line of JSON", () => {
  test("has the time in UTC, level, name, message and fields", () => {
    const { logger, lines } = startLog({ format: "json", colour: true });
    const before = Date.now();
    logger.named("Broker").warn("listening\non", { port: 1883, list: [1] });
    const { time, ...rest } = JSON.parse(lines[0] ?? "");
    expect(rest).toEqual({
      level: "warn",
      name: "Broker",
      message: "listening\non",
      port: 1883,
      list: [1],
    });
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(Date.parse(time)).toBeWithin(before, Date.now() + 1);
    expect(lines[0]).not.toContain("\n");
  });

  test("keeps what it says of itself, whatever the fields are called", () => {
    const { logger, lines } = startLog({ format: "json" });
    logger.info("true", { message: "false", level: "error", name: "other", time: 0 });
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ message: "true", level: "info" });
  });
});

test.each(LOG_LEVELS.map((level, at) => [level, at] as const))(
  "level %s leaves out %p of the four",
  (level, at) => {
    const { logger, lines } = startLog({ level });
    for (const each of LOG_LEVELS) logger[each](each);
    expect(lines.map((line) => line.split(" - ").at(-1))).toEqual(LOG_LEVELS.slice(at));
  },
);

test("words that cost something are only made for a line that is written", () => {
  const { logger, lines } = startLog({ level: "info" });
  logger.debug(() => expect.unreachable());
  logger.info(() => "made");
  expect(lines).toHaveLength(1);
  expect(lines[0]).toEndWith(" - INFO - made");
});

describe("a problem", () => {
  test("of the catalogue is said with what to do now, and its code", () => {
    const error = new ViadutoError("broker_refused", { broker: "mqtt://localhost" });
    const text = startLog();
    text.logger.problem("warn", error);
    const hint = error.hint.replace(/^is/, "Is");
    expect(text.lines[0]).toEndWith(` - WARN - ${error.message}. ${hint}`);
    const json = startLog({ format: "json" });
    json.logger.problem("error", error);
    expect(JSON.parse(json.lines[0] ?? "")).toMatchObject({ level: "error", code: error.code });
  });

  test.each([
    [new Error("two\n  lines"), "two lines"],
    [new TypeError(""), "TypeError"],
    ["thrown", "thrown"],
    [undefined, "undefined"],
  ])("of any other kind is said in its words", (thrown, words) => {
    const { logger, lines } = startLog();
    logger.problem("error", thrown);
    expect(lines[0]).toEndWith(` - ERROR - ${words}`);
  });
});
