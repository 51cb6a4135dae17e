// What the stage reads of payloads, addresses and filters.

import { describe, expect, test } from "bun:test";
import { CardDeck } from "../../src/web/stage/card-deck.ts";
import { toJoinAddress, toMqttAddress } from "../../src/web/stage/join-address.ts";
import { isLit } from "../../src/web/stage/spotlight.ts";
import { toShortText, toValueWords } from "../../src/web/stage/stage-words.ts";

function plain(payload: string) {
  return { payload, payload_encoding: "plain", payload_bytes: payload.length } as const;
}

describe("a payload in a few words", () => {
  test("is its fields, its text, or what there is to say of it", () => {
    expect(toValueWords(plain('{"a":1,"b":"two","c":[3],"d":null}'))).toEqual({
      kind: "fields",
      fields: [
        { name: "a", text: "1" },
        { name: "b", text: "two" },
        { name: "c", text: "[3]" },
      ],
      more: 1,
    });
    expect(toValueWords(plain(" 21.50 "))).toEqual({ kind: "text", text: "21.50" });
    expect(toValueWords(plain('"on"'))).toEqual({ kind: "text", text: "on" });
    expect(toValueWords(plain("{}"))).toEqual({ kind: "text", text: "{}" });
    expect(toValueWords(plain('{"cut": 1, "of'))).toEqual({ kind: "text", text: '{"cut": 1, "of' });
    expect(toValueWords(plain(""))).toEqual({ kind: "empty" });
    const binary = { payload: "AP8=", payload_encoding: "base64", payload_bytes: 2 } as const;
    expect(toValueWords(binary)).toEqual({ kind: "binary", bytes: 2 });
  });

  test("keeps large numbers as they came, and cuts between letters", () => {
    const words = toValueWords(plain("1700000000123456789"));
    expect(words).toEqual({ kind: "text", text: "1700000000123456789" });
    expect(toShortText(plain("🙂".repeat(40)))).toBe(`${"🙂".repeat(11)}…`);
    expect(toShortText(plain('{"temperature":21.5}'))).toBe("21.5");
    expect(toShortText(plain(""))).toBe("");
  });
});

describe("the address to join", () => {
  const reach = { addresses: ["192.168.1.20", "10.0.0.2"], mqtt_port: 1883, token_asked: true };

  test("is that of this machine in its network, for who looks at it here", () => {
    expect(toJoinAddress(reach, "http://127.0.0.1:8000/")).toEqual({
      page: "http://192.168.1.20:8000/",
      mqtt: "mqtt://192.168.1.20:1883",
      isTokenAsked: true,
    });
    const six = { addresses: ["fd00::2"], token_asked: false };
    expect(toJoinAddress(six, "http://[::1]/a/").page).toBe("http://[fd00::2]/a/");
  });

  test("is that of the page, when it came from elsewhere; without the token in it", () => {
    const { page, mqtt } = toJoinAddress(reach, "https://bridge.school/a/?token=secret");
    expect([page, mqtt]).toEqual(["https://bridge.school/a/", "mqtt://bridge.school:1883"]);
  });

  test("is none where nobody else comes in", () => {
    const alone = { addresses: [], mqtt_port: 1883, token_asked: false };
    const { page, mqtt } = toJoinAddress(alone, "http://localhost:8000/");
    expect([page, mqtt]).toEqual([undefined, "mqtt://localhost:1883"]);
  });

  test("of the broker is none where it has a name and no address", () => {
    const own = toJoinAddress(reach, "http://127.0.0.1:8000/");
    expect(toMqttAddress(own, "mqtt://elsewhere:1883")).toBe("mqtt://192.168.1.20:1883");
    const silent = { ...own, mqtt: undefined };
    expect(toMqttAddress(silent, "mqtt://elsewhere:1883")).toBe("mqtt://elsewhere:1883");
    expect(toMqttAddress(silent, "the embedded broker")).toBeUndefined();
  });
});

describe("the spotlight", () => {
  test("is a text, or a filter as MQTT has it", () => {
    expect(isLit("", "a/b")).toBe(true);
    expect(isLit("TEMP", "rooms/1/temperature")).toBe(true);
    expect(isLit("rooms/2", "rooms/1/temperature")).toBe(false);
    expect(isLit("rooms/+/temperature", "rooms/1/temperature")).toBe(true);
    expect(isLit("rooms/+", "rooms/1/temperature")).toBe(false);
    expect(isLit("rooms/#", "rooms")).toBe(true);
    expect(isLit("#", "$SYS/uptime")).toBe(false);
  });
});

describe("the cards", () => {
  const at = (topic: string, ms: number) => ({ topic, id: ms * 1_000, ...plain(String(ms)) });
  const topics = (deck: CardDeck) => deck.cards.map(({ topic, atMs }) => `${topic} ${atMs}`);

  test("stay where they are, and the oldest makes room", () => {
    const deck = new CardDeck(2);
    for (const [topic, ms] of [
      ["a", 1],
      ["b", 2],
      ["a", 3],
      ["c", 4],
    ] as const) {
      deck.take(at(topic, ms));
    }
    expect(topics(deck)).toEqual(["a 3", "c 4"]);
    deck.take(at("c", 1));
    expect(topics(deck)).toEqual(["a 3", "c 4"]);
    deck.setCardsMax(1);
    expect(topics(deck)).toEqual(["c 4"]);
  });
});

test("a rate has room in the box of the broker", async () => {
  // As a browser has it.
  Object.defineProperty(navigator, "language", { value: "en", configurable: true });
  const { formatShortRate } = await import("../../src/web/words/quantities.ts");
  expect([0, 0.25, 9, 9_999, 15_730].map(formatShortRate)).toEqual([
    "0",
    "0.3",
    "9",
    "9,999",
    "15.7K",
  ]);
});
