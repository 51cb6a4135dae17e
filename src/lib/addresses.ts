// The addresses under which others find this machine. Asked by the banner and by GET /; it connects
// nowhere.

import { type NetworkInterfaceInfo, networkInterfaces } from "node:os";

type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

/** Interfaces that lead to no room: of containers, virtual machines and tunnels. */
const VIRTUAL =
  /^(docker|br-|veth|virbr|vmnet|vboxnet|vethernet|lxc|podman|tun|utun|wg|tailscale)/i;
/** Made up by the machine itself, when nobody gives it one (RFC 3927). */
const MADE_UP = /^169\.254\./;
const LOOPBACKS: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

/**
 * Where others reach what listens on the host: the host itself, or, where that stands for all
 * addresses, those in a network, the likeliest first: IPv4 before IPv6. Never empty: without a
 * network there is the loopback address.
 */
export function listAddresses(
  host: string,
  interfaces: Interfaces = networkInterfaces(),
): [string, ...string[]] {
  const loopback = LOOPBACKS[host];
  if (loopback === undefined) return [host];
  const found = Object.entries(interfaces).flatMap(([name, infos = []]) => {
    return infos
      .filter((info) => isReachable(info) && (host === "::" || info.family === "IPv4"))
      .map(({ address, family }) => ({ address, rank: rank(name, address, family) }));
  });
  const [first = loopback, ...others] = found
    .sort((one, other) => one.rank - other.rank)
    .map(({ address }) => address);
  return [first, ...others];
}

// Of IPv6, a link-local address works with the name of the other side's interface only.
function isReachable({ internal, address }: NetworkInterfaceInfo): boolean {
  return !internal && !/^fe80:/i.test(address);
}

function rank(name: string, address: string, family: "IPv4" | "IPv6"): number {
  return [VIRTUAL.test(name), MADE_UP.test(address), family === "IPv6"]
    .map((isLess, at) => (isLess ? 4 >> at : 0))
    .reduce((sum, value) => sum + value);
}
