// Where somebody else finds this bridge: for the QR code, and for whoever types. Used by the stage.
// Pure.

import type { HomeJson } from "../live/bridge-answers.ts";

export type JoinAddress = {
  /** Of the page, for others; undefined when only this machine reaches it. */
  readonly page: string | undefined;
  /** Of the embedded broker; undefined with an external one. */
  readonly mqtt: string | undefined;
  readonly isTokenAsked: boolean;
};

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * `folder` is where this page came from. When that is no loopback address, it is what others need
 * as well, whatever stands between: a proxy, a name, a path.
 */
export function toJoinAddress(reach: HomeJson["reach"], folder: string): JoinAddress {
  const url = new URL(folder);
  const isHere = LOOPBACK.test(url.hostname);
  const [address] = reach.addresses;
  const host = isHere ? address && toUrlHost(address) : url.hostname;
  const port = reach.mqtt_port;
  const page = host === undefined ? undefined : withHost(url, host);
  return {
    page,
    mqtt: port === undefined ? undefined : `mqtt://${host ?? url.hostname}:${port}`,
    isTokenAsked: reach.token_asked,
  };
}

/** For a line to copy; `label` is what the bridge calls the broker that it is connected to. */
export function toMqttAddress({ mqtt }: JoinAddress, label: string | undefined) {
  // The embedded broker has a name, but no address, where it takes no connections from outside.
  return mqtt ?? (label !== undefined && URL.canParse(label) ? label : undefined);
}

// Without a token, or what else stands in the address.
function withHost({ protocol, port, pathname }: URL, host: string): string {
  return `${protocol}//${host}${port === "" ? "" : `:${port}`}${pathname}`;
}

function toUrlHost(address: string): string {
  return address.includes(":") ? `[${address}]` : address;
}
