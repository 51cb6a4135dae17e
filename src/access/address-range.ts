// Whose address an address is: login-throttle counts by it. Pure text work.

import { isIPv6 } from "node:net";

/** Of 16 bits each: one customer's line has a /64 at least, whose addresses it may choose from. */
const NETWORK_GROUPS = 4;
const MAPPED_IPV4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** An IPv4 address as it is, also when it is written as IPv6; of an IPv6 address its /64. */
export function toAddressRange(address: string): string {
  const [plain = ""] = address.split("%"); // Without the zone of `fe80::1%eth0`.
  const mapped = MAPPED_IPV4.exec(plain)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(plain)) return address;
  const [head = "", tail = ""] = plain.split("::");
  const start = head.split(":").filter(Boolean);
  const end = tail.split(":").filter(Boolean);
  // The four bytes of `64:ff9b::192.0.2.1` are two groups, at the end.
  const missing = 8 - start.length - end.length - (plain.includes(".") ? 1 : 0);
  const groups = [...start, ...Array<string>(Math.max(missing, 0)).fill("0"), ...end];
  const network = groups.slice(0, NETWORK_GROUPS).map((group) => parseInt(group, 16).toString(16));
  return `${network.join(":")}::/64`;
}
