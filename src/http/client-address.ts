// The address from which a request came, as far as it is known: the server names it, and limits ask
// for it. A library's app that mounts the routes names none.

const addresses = new WeakMap<Request, string>();

export function nameAddress(request: Request, address: string): void {
  addresses.set(request, address);
}

/** Empty when it is not known. */
export function addressOf(request: Request): string {
  return addresses.get(request) ?? "";
}
