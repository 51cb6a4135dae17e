// Types for what the broker's libraries export without any.

declare module "mqemitter" {
  /** `concurrency` 0 never queues: each message is handed to its listeners at once. */
  export default function mqemitter(options: {
    concurrency: number;
    matchEmptyLevels: boolean;
  }): object;
}

declare module "aedes-persistence" {
  type Recipient = { readonly clientId: string; readonly topic: string };
  export default function createAedesPersistence(): {
    subscriptionsByTopic(topic: string): Promise<Recipient[]>;
    cleanSubscriptions(client: { readonly id: string }): Promise<void>;
  };
}
