// Collects what comes and hands it on once per frame of the screen, so that a flood costs no more
// drawing than a trickle. Bounded: beyond its maximum the oldest go, and are counted.

export type FrameBatch<Item> = {
  readonly add: (item: Item) => void;
  readonly clear: () => void;
};

export type FrameBatchOptions<Item> = {
  readonly itemsMax: number;
  /** Calls it once, before the next frame: `requestAnimationFrame` in a page. */
  readonly schedule: (run: () => void) => void;
  /** `dropped` counts what went since the last call. */
  readonly take: (items: readonly Item[], dropped: number) => void;
};

export function createFrameBatch<Item>(options: FrameBatchOptions<Item>): FrameBatch<Item> {
  const { itemsMax, schedule, take } = options;
  let items: Item[] = [];
  let dropped = 0;
  let isScheduled = false;
  const run = () => {
    isScheduled = false;
    const taken = items;
    const gone = dropped;
    items = [];
    dropped = 0;
    if (taken.length + gone > 0) take(taken, gone);
  };
  return {
    add(item) {
      items.push(item);
      if (items.length > 2 * itemsMax) {
        // Not one by one: shifting each out of a long list would cost more than the message.
        dropped += items.length - itemsMax;
        items = items.slice(-itemsMax);
      }
      if (isScheduled) return;
      isScheduled = true;
      schedule(run);
    },
    clear() {
      items = [];
      dropped = 0;
    },
  };
}
