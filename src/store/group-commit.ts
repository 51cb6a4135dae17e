// Writes that share a commit: what comes in one turn of the event loop reaches the disk in one
// transaction, since a disk is slow by the commit and not by the row. Knows nothing of what is
// written.

export type GroupCommit<Item, Result> = {
  /** Resolves when it is on the disk; rejects, with what `write` threw, when it is not. */
  add(item: Item): Promise<Result>;
  /** Writes all that waits, now. */
  flush(): void;
};

export type GroupBounds<Item> = {
  /** Most items of one transaction, so that a flood does not hold the loop for long. */
  readonly itemsMax: number;
  /** Bytes from which a transaction takes no more items. */
  readonly bytesMax: number;
  readonly toBytes: (item: Item) => number;
};

type Waiting<Item, Result> = {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (reason: unknown) => void;
};

/** `write` writes all of its items, in order, or throws and has written none. */
export function createGroupCommit<Item, Result>(
  write: (items: readonly Item[]) => readonly Result[],
  bounds: GroupBounds<Item>,
): GroupCommit<Item, Result> {
  const waiting: Waiting<Item, Result>[] = [];
  let isScheduled = false;

  function writeGroup(): void {
    const group = waiting.splice(0, countGroup(waiting, bounds));
    try {
      const results = write(group.map(({ item }) => item));
      for (const [at, result] of results.entries()) group[at]?.resolve(result);
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }
  function schedule(): void {
    isScheduled = waiting.length > 0;
    if (!isScheduled) return;
    // Not a microtask: what else the loop has to do gets its turn between two groups.
    setImmediate(() => {
      if (waiting.length > 0) writeGroup();
      schedule();
    });
  }
  return {
    add(item) {
      const { promise, resolve, reject } = Promise.withResolvers<Result>();
      waiting.push({ item, resolve, reject });
      if (!isScheduled) schedule();
      return promise;
    },
    flush() {
      while (waiting.length > 0) writeGroup();
    },
  };
}

function countGroup<Item>(
  waiting: readonly { readonly item: Item }[],
  { itemsMax, bytesMax, toBytes }: GroupBounds<Item>,
): number {
  let bytes = 0;
  const end = waiting.findIndex(({ item }, at) => {
    if (at === itemsMax || bytes >= bytesMax) return true;
    bytes += toBytes(item);
    return false;
  });
  return end === -1 ? waiting.length : end;
}
