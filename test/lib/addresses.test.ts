import { expect, test } from "bun:test";
import { listAddresses } from "../../src/lib/addresses.ts";

const info = (address: string, internal = false) => ({
  address,
  internal,
  family: address.includes(":") ? ("IPv6" as const) : ("IPv4" as const),
  netmask: "",
  mac: "",
  cidr: null,
  scopeid: 0,
});
const INTERFACES = {
  lo: [info("127.0.0.1", true), info("::1", true)],
  docker0: [info("172.17.0.1")],
  usb0: [info("169.254.3.4")],
  wlan0: [info("fe80::1"), info("2001:db8::7"), info("192.168.1.7")],
  "br-4f": [info("172.18.0.1")],
  eth0: undefined,
};

test("all addresses are those in a network, the likeliest first", () => {
  expect(listAddresses("0.0.0.0", INTERFACES)).toEqual([
    "192.168.1.7",
    "169.254.3.4",
    "172.17.0.1",
    "172.18.0.1",
  ]);
  const both = listAddresses("::", INTERFACES);
  expect(both.slice(0, 2)).toEqual(["192.168.1.7", "2001:db8::7"]);
  expect(both).not.toContain("fe80::1");
});

test("one address is itself", () => {
  for (const host of ["127.0.0.1", "10.0.0.1", "pi.local"]) {
    expect(listAddresses(host, INTERFACES)).toEqual([host]);
  }
});

test("without a network there is this machine", () => {
  expect(listAddresses("0.0.0.0", { lo: INTERFACES.lo })).toEqual(["127.0.0.1"]);
  expect(listAddresses("::", {})).toEqual(["::1"]);
});
