// Types for what the broker's libraries export without any.

declare module "mqemitter" {
  /** `concurrency` 0 never queues: each message is handed to its listeners at once. */
  export default function mqemitter(options: {
    concurrency: number;
    matchEmptyLevels: boolean;
  }): object;
}

declare module "aedes-persistence" {
  type Identified = { readonly id: string };
  type Numbered = { readonly messageId?: number };
  export default function createMemoryPersistence(): {
    incomingDelPacket(client: Identified, packet: Numbered): Promise<void>;
  };
}
