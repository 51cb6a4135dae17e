// One text ↔ the addresses of external brokers. Text work only: nothing is resolved or connected.

import { isIPv6 } from "node:net";

type BrokerProtocol = "mqtt" | "mqtts" | "ws" | "wss";

export type BrokerAddress = {
  readonly protocol: BrokerProtocol;
  /** A name, or an IP address without brackets. */
  readonly host: string;
  readonly port: number;
  /** Path and query of a WebSocket URL, `/mqtt` when it has none; empty for TCP. */
  readonly path: string;
  readonly username?: string;
  readonly password?: string;
  /** Safe to print: `mqtt://host:port`, without login, path and query. */
  readonly label: string;
};

const MASK = "***";
/** Ports of brokers whose address names none. */
export const DEFAULT_PORTS = {
  mqtt: 1883,
  mqtts: 8883,
  ws: 80,
  wss: 443,
} as const satisfies Record<BrokerProtocol, number>;

/** A comma parts two brokers, unless it stands inside a login: `mqtt://me:a,b@host`. */
const SEPARATOR = /,(?=[^,@]*(?:,|$)|\s*[a-z]+:\/\/)/i;

/** The texts of a list with commas, trimmed; an empty one stays, for the parser to refuse. */
export function splitBrokers(list: string): string[] {
  return list.split(SEPARATOR).map((one) => one.trim());
}

/**
 * The address of one broker; undefined when the text is none. A host without scheme is `mqtt://`,
 * and `getBarePort` is asked for its port unless it has one. A login is percent-decoded (RFC 3986
 * section 2.1).
 */
export function parseBrokerAddress(
  text: string,
  getBarePort: () => number,
): BrokerAddress | undefined {
  const url = toUrl(text);
  const protocol = url?.protocol.slice(0, -1);
  if (!url || !isProtocol(protocol)) return undefined;
  const host = toHost(url.hostname);
  const login = toLogin(url);
  if (!host || url.port === "0" || !login) return undefined;
  const getDefaultPort = text.includes("://") ? () => DEFAULT_PORTS[protocol] : getBarePort;
  const port = url.port === "" ? getDefaultPort() : Number(url.port);
  return {
    protocol,
    host,
    port,
    path: protocol.startsWith("ws") ? toPath(url, text) : "",
    ...login,
    label: `${protocol}://${toUrlHost(host)}:${port}`,
  };
}

/** A host as URLs have it: an IPv6 address in brackets (RFC 3986 section 3.2.2). */
export function toUrlHost(host: string): string {
  return isIPv6(host) ? `[${host}]` : host;
}

/** A broker list, valid or not, without logins and queries, which may hold secrets. */
export function maskBrokers(list: string): string {
  return splitBrokers(list).map(maskBroker).join(",");
}

/** An address as people read it: label and path, and whether there is a login. */
export function formatBrokerAddress(address: BrokerAddress): string {
  const { label, path, username, password } = address;
  const hasLogin = username !== undefined || password !== undefined;
  const shown = hasLogin ? label.replace("://", `://${MASK}@`) : label;
  return shown + path.replace(/\?.*/s, `?${MASK}`);
}

function maskBroker(text: string): string {
  return text.replace(/^([a-z]+:\/\/)?.*@/is, `$1${MASK}@`).replace(/\?.*/s, `?${MASK}`);
}

function toUrl(text: string): URL | undefined {
  if (text === "") return undefined;
  const bracketed = toUrlHost(text);
  return URL.parse(bracketed.includes("://") ? bracketed : `mqtt://${bracketed}`) ?? undefined;
}

function isProtocol(text: string | undefined): text is BrokerProtocol {
  return text !== undefined && Object.hasOwn(DEFAULT_PORTS, text);
}

// URL leaves the host of schemes it does not know as it is: no lower case, no IDNA, no check.
function toHost(hostname: string): string | undefined {
  const host = URL.parse(`ws://${hostname}`)?.hostname;
  return host?.replace(/^\[(.*)\]$/, "$1");
}

function toLogin(url: URL): Pick<BrokerAddress, "username" | "password"> | undefined {
  try {
    return {
      ...(url.username && { username: decodeURIComponent(url.username) }),
      ...(url.password && { password: decodeURIComponent(url.password) }),
    };
  } catch {
    return undefined; // A "%" that begins no percent-encoding: the caller reports the whole text.
  }
}

// Brokers serve MQTT at /mqtt by custom; who means the root writes the slash.
function toPath(url: URL, text: string): string {
  const hasPath = /:\/\/[^/?#]*\//.test(text);
  return `${hasPath ? url.pathname : "/mqtt"}${url.search}`;
}
