// What flies on the stage, when, and how much of it.

import { describe, expect, test } from "bun:test";
import type { StreamMessage } from "../../src/web/live/bridge-answers.ts";
import type { FlowTold } from "../../src/web/stage/flow-told.ts";
import { Cast, CROWD } from "../../src/web/stage/stage-cast.ts";
import { findPlace } from "../../src/web/stage/stage-flight.ts";
import { layOut, toPoint } from "../../src/web/stage/stage-layout.ts";
import { StagePlay } from "../../src/web/stage/stage-play.ts";

/** After it a message of the feed has set out, and after it no message flies any more. */
const HELD_MS = 600;
const LONG_MS = 20_000;

function message(topic: string, payload = "1", replaced = 0): StreamMessage {
  const id = 1_000;
  const at = "2026-01-31T12:00:00.000Z";
  const shown = { payload, payload_encoding: "plain", payload_bytes: payload.length } as const;
  return { event: "message", id, at, topic, qos: 0, retain: false, replaced, ...shown };
}

function flow(runs: FlowTold["runs"], id = 1): FlowTold {
  const payload = { payload: "42", payload_encoding: "plain", payload_bytes: 2 } as const;
  return { id, topic: "rooms/1", ...payload, sender: { kind: "client", client_id: "pi" }, runs };
}

describe("the cast", () => {
  test("gives places and colours that stay, and one to who comes when another is silent", () => {
    const cast = new Cast({ placesMax: 2, quietMs: 100 });
    expect([cast.admit("a", 0), cast.admit("b", 50), cast.admit("a", 60)]).toEqual([0, 1, 0]);
    expect(cast.admit("c", 99)).toBe(CROWD);
    expect(cast.admit("c", 100)).toBe(0);
    expect(cast.actors.map(({ name }) => name)).toEqual(["c", "b"]);
  });

  test("gives no colour twice while there are others", () => {
    const cast = new Cast({ placesMax: 10, quietMs: 100 });
    for (let at = 0; at < 10; at += 1) cast.admit(`device ${at}`, 0);
    expect(new Set(cast.actors.map(({ hue }) => hue)).size).toBe(10);
  });
});

describe("the play", () => {
  test("lets a message fly to the broker, and end there", () => {
    const play = new StagePlay();
    play.setUntold();
    play.tick(0);
    play.takeMessages([message("rooms/1/temperature", "21.5")], 0);
    expect(play.tick(100)).toBe(false);
    expect(play.tick(HELD_MS)).toBe(true);
    const [flight] = play.flights;
    expect(flight).toMatchObject({ topic: "rooms/1/temperature", text: "21.5", from: 0 });
    expect(play.devices.actors[0]).toMatchObject({ name: "rooms/1", messages: 1 });
    const layout = layOut({ width: 1_600, height: 600 }, 1, 1);
    const start = flight?.startMs ?? 0;
    const at = (ms: number) => flight && findPlace(flight, start + ms, layout);
    const { x = 0, width = 0 } = layout.devices[0] ?? {};
    expect(at(0)).toMatchObject({ x: x + width, opacity: 1 });
    expect(at(1_100)?.x).toBe(layout.broker.x);
    expect(at(5_000)).toBeUndefined();
    play.tick(HELD_MS + LONG_MS);
    expect(play.flights).toEqual([]);
  });

  test("lets what is handled fly on to its handler, and its reply with what was replied", () => {
    const play = new StagePlay();
    play.tick(0);
    play.setHandlers([{ name: "rooms", filter: "rooms/+" }], 0);
    play.takeMessages([message("rooms/1", "42"), message("answers", "warm")], 0);
    play.takeFlows([flow([{ handler: "rooms", publishes: [] }])], 10);
    const replied = { handler: "rooms", publishes: [{ topic: "answers", is_reply: true }] };
    play.takeFlows([flow([{ ...replied, outcome: "done" }])], 20);
    expect(play.tick(30)).toBe(true);
    expect(play.tick(HELD_MS)).toBe(false);
    expect(play.flights).toHaveLength(1);
    const [flight] = play.flights;
    expect(flight).toMatchObject({
      text: "42",
      to: 0,
      handled: { outcome: "done", hasReply: true, replyText: "warm" },
    });
    expect(play.devices.actors.map(({ name }) => name)).toEqual(["pi"]);
    const layout = layOut({ width: 1_600, height: 600 }, 1, 1);
    const at = (ms: number) => flight && findPlace(flight, flight.startMs + ms, layout);
    expect(at(2_300)).toMatchObject({ isReply: false });
    expect(at(2_700)).toMatchObject({ isReply: true, isFailed: false });
    expect(at(3_700)?.x).toBe(layout.replies[0]?.x as number);
  });

  test("holds messages until it is known whether flows tell of them", () => {
    const play = new StagePlay();
    play.takeMessages([message("rooms/1"), message("other")], 0);
    play.tick(LONG_MS);
    expect(play.flights).toEqual([]);
    play.setHandlers([{ name: "rooms", filter: "rooms/+" }], LONG_MS);
    play.tick(LONG_MS);
    expect(play.flights.map(({ topic }) => topic)).toEqual(["other"]);
  });

  test("waits at the handler until it has done, and shows a failure", () => {
    const play = new StagePlay();
    play.tick(0);
    play.takeFlows([flow([{ handler: "rooms", publishes: [] }])], 0);
    play.tick(5_000);
    const layout = layOut({ width: 1_600, height: 600 }, 1, 1);
    const [flight] = play.flights;
    const place = () => flight && findPlace(flight, play.stageMs, layout);
    expect(place()).toMatchObject({ opacity: 1, isFailed: false });
    play.takeFlows([flow([{ handler: "rooms", publishes: [], outcome: "dead_letter" }])], 5_000);
    expect(place()).toMatchObject({ isFailed: true });
    expect(play.handlers.actors[0]).toMatchObject({ messages: 1, failed: 1 });
  });

  test("stands still while it is paused, and counts what passes", () => {
    const play = new StagePlay();
    play.setUntold();
    play.tick(0);
    play.takeMessages([message("a")], 0);
    play.tick(HELD_MS);
    play.isPaused = true;
    play.takeMessages([message("b", "1", 4)], HELD_MS);
    play.tick(LONG_MS);
    expect([play.flights.length, play.passed]).toEqual([1, 5]);
    play.isPaused = false;
    play.speed = 0.25;
    const before = play.stageMs;
    play.tick(LONG_MS + 400);
    expect(play.stageMs - before).toBe(100);
  });

  test("shows a few of a flood, and says how many it leaves out", () => {
    const play = new StagePlay();
    play.setUntold();
    let most = 0;
    for (let ms = 0; ms <= 5_000; ms += 100) {
      const many = Array.from({ length: 500 }, (_, at) => message(`flood/${at}`));
      play.takeMessages(many, ms);
      play.tick(ms);
      most = Math.max(most, play.flights.length);
    }
    expect(most).toBeGreaterThan(10);
    expect(most).toBeLessThan(60);
    expect(play.readMore(5_000, 5_000)).toBeGreaterThan(4_000);
    expect(play.devices.actors).toHaveLength(8);
  });
});

test("no box of the stage lies outside it, wide or narrow", () => {
  for (const width of [340, 760, 1_240, 1_880]) {
    const size = { width, height: 400 };
    const { devices, broker, handlers, replies } = layOut(size, 8, 8);
    for (const box of [...devices, broker, ...handlers, ...replies]) {
      expect(box.x).toBeGreaterThanOrEqual(0);
      expect(box.y).toBeGreaterThanOrEqual(-0.01);
      expect(box.x + box.width).toBeLessThanOrEqual(width + 0.01);
      expect(box.y + box.height).toBeLessThanOrEqual(400.01);
    }
    expect(handlers[0]?.x).toBeGreaterThan(broker.x + broker.width);
  }
  const curve = { from: { x: 0, y: 0 }, to: { x: 10, y: 4 } };
  expect(toPoint(curve, 0.5)).toEqual({ x: 5, y: 2 });
});
