// Types for what the broker's libraries export without any.

declare module "websocket-driver" {
  type Headers = { readonly [Name in string]?: string };
  /** The server's side of one WebSocket, without a socket: bytes in, bytes out. */
  export type ServerDriver = {
    /** Of the request; there once "connect" was emitted. */
    readonly headers: Headers;
    readonly method?: string;
    readonly url?: string;
    /** What is to be sent. */
    readonly io: { on(event: "data", take: (bytes: Buffer) => void): void };
    on(event: "connect" | "close", tell: () => void): void;
    /** What was received is against the protocol; "close" follows. */
    on(event: "error", tell: (error: Error) => void): void;
    on(event: "message", take: (event: { readonly data: Buffer | string }) => void): void;
    /** What was received. */
    parse(bytes: Buffer): void;
    /** Answers the request: 101, or 400 when it is not one for a WebSocket. */
    start(): boolean;
    binary(bytes: Buffer): boolean;
    close(reason?: string, code?: number): boolean;
  };
  const driverLibrary: {
    server(options: { maxLength: number; protocols: readonly string[] }): ServerDriver;
    isWebSocket(request: ServerDriver): boolean;
  };
  export default driverLibrary;
}
