import { expect, test } from "bun:test";
import {
  formatBrokerAddress,
  maskBrokers,
  parseBrokerAddress,
  splitBrokers,
} from "../../src/config/broker-address.ts";

const parse = (text: string) => parseBrokerAddress(text, () => 1884);

test("each protocol has its own default port", () => {
  for (const [protocol, port] of [
    ["mqtt", 1883],
    ["mqtts", 8883],
    ["ws", 80],
    ["wss", 443],
  ]) {
    const address = parse(`${protocol}://h`);
    expect(address?.label).toBe(`${protocol}://h:${port}`);
  }
});

test("a port that is another protocol's default is kept", () => {
  expect(parse("mqtt://h:80")?.port).toBe(80);
  expect(parse("mqtts://h:443")?.port).toBe(443);
  expect(parse("ws://h:443")?.port).toBe(443);
});

test("a bare host is mqtt and asks for its port", () => {
  expect(parse("broker.local")?.label).toBe("mqtt://broker.local:1884");
  expect(parse("broker.local:1885")?.label).toBe("mqtt://broker.local:1885");
});

test("an IPv6 address is bare inside and in brackets when printed", () => {
  for (const text of ["::1", "[::1]", "mqtt://[::1]:1884"]) {
    expect(parse(text)).toMatchObject({ host: "::1", port: 1884, label: "mqtt://[::1]:1884" });
  }
});

test("a login is percent-decoded and not in the label", () => {
  const address = parse("mqtt://me%40home:p%3Aw%2Fd@h");
  expect(address).toMatchObject({ username: "me@home", password: "p:w/d", label: "mqtt://h:1883" });
});

test("an address without a login has no login", () => {
  const address = parse("mqtt://h");
  expect(address).not.toHaveProperty("username");
  expect(address).not.toHaveProperty("password");
});

test("a name is lower case and ASCII, as DNS wants it", () => {
  expect(parse("mqtt://Bröker.Local")?.host).toBe("xn--brker-kua.local");
});

test("a WebSocket's path is /mqtt unless the URL has one, and keeps its query", () => {
  expect(parse("ws://h")?.path).toBe("/mqtt");
  expect(parse("ws://h?a=b")?.path).toBe("/mqtt?a=b");
  expect(parse("ws://h/")?.path).toBe("/");
  expect(parse("wss://h/a/b?signature=x")?.path).toBe("/a/b?signature=x");
  expect(parse("mqtt://h/")?.path).toBe("");
});

test.each([
  "",
  "mqtt://",
  "http://h",
  "tcp://h",
  "mqtt://h:0",
  "mqtt://h:65536",
  "mqtt://h:abc",
  "h:abc",
  "mqtt://a b",
  "mqtt://me:%zz@h",
  "mqtt:h",
  "://h",
])("'%s' is no broker", (text) => {
  expect(parse(text)).toBeUndefined();
});

test("a comma parts brokers, but not the two halves of a password", () => {
  expect(splitBrokers("a, b:1884 ,mqtt://c")).toEqual(["a", "b:1884", "mqtt://c"]);
  expect(splitBrokers("mqtt://me:x,y@a,mqtts://me:z@b")).toEqual([
    "mqtt://me:x,y@a",
    "mqtts://me:z@b",
  ]);
  expect(splitBrokers("a,,b")).toEqual(["a", "", "b"]);
});

test("logins and queries are masked, also in what cannot be parsed", () => {
  expect(maskBrokers("mqtt://me:secret@h:1")).toBe("mqtt://***@h:1");
  expect(maskBrokers("me:secret@h")).toBe("***@h");
  expect(maskBrokers("mqtt://a:secret@b:secret@h")).toBe("mqtt://***@h");
  expect(maskBrokers("mqtt://me:se,cret@h:99999,b")).toBe("mqtt://***@h:99999,b");
  expect(maskBrokers("nope://me:secret@h,wss://h/x?key=secret")).toBe("nope://***@h,wss://h/x?***");
  expect(maskBrokers("mqtt://me:sec\nret@h")).toBe("mqtt://***@h");
});

test("an address is printed with its path and without its secrets", () => {
  const address = parse("wss://me:secret@h/x?key=secret");
  expect(address && formatBrokerAddress(address)).toBe("wss://***@h:443/x?***");
});
