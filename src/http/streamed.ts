// The headers of an answer that is written as long as the client reads it. Set by the routes that
// have one, and known by it in server.ts.

/** It has no deadline while it lasts, so that its connection must not stand idle afterwards. */
export const STREAMED = { Connection: "close" } as const;
