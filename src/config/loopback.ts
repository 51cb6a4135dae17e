// Which addresses only this machine can reach. Asked before listening, and by the banner.

const LOOPBACK = /^(localhost|127(\.\d+){3}|::1)$/;

/** True when nobody but this machine reaches what listens on the host. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}
