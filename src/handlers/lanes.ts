// Runs tasks in lanes: those of one key one after the other, in order; lanes side by side, up to a
// limit. Used by worker, with the key of a handler's messages.

type Task = (rest: Rest) => Promise<void>;

/**
 * Given to a task: it waits for the promise without holding one of the slots, so that what is to be
 * tried again later takes nothing from the others. Its own key waits on.
 */
export type Rest = (waited: Promise<void>) => Promise<void>;

export class Lanes {
  #concurrency: number;
  /** Tasks of each key, the running one first. */
  readonly #lanes = new Map<string, Task[]>();
  /** Keys whose first task waits for a free slot, in order. */
  readonly #ready: string[] = [];
  /** Tasks that have rested and wait for a slot again; they go first. */
  readonly #rested: (() => void)[] = [];
  #running = 0;
  #size = 0;
  #idle: PromiseWithResolvers<void> | undefined;
  readonly #rest: Rest = async (waited) => {
    this.#running -= 1;
    this.#start();
    await waited;
    if (this.#running < this.#concurrency) this.#running += 1;
    else await new Promise<void>((resolve) => this.#rested.push(resolve));
  };

  constructor(concurrency: number) {
    this.#concurrency = concurrency;
  }

  /** Tasks that run now. */
  get running(): number {
    return this.#running;
  }

  /** Tasks that wait, for their key, a slot or a rest. */
  get waiting(): number {
    return this.#size - this.#running;
  }

  set concurrency(concurrency: number) {
    this.#concurrency = concurrency;
    this.#start();
  }

  /** Runs the task after all earlier ones of its key. */
  add(key: string, task: Task): void {
    this.#size += 1;
    const lane = this.#lanes.get(key);
    if (lane) {
      lane.push(task);
      return;
    }
    this.#lanes.set(key, [task]);
    this.#ready.push(key);
    this.#start();
  }

  /** Resolves when no task is left. */
  async idle(): Promise<void> {
    if (this.#size === 0) return;
    this.#idle ??= Promise.withResolvers();
    await this.#idle.promise;
  }

  #start(): void {
    while (this.#running < this.#concurrency) {
      const resume = this.#rested.shift();
      const key = resume ? undefined : this.#ready.shift();
      if (!resume && key === undefined) return;
      this.#running += 1;
      if (resume) resume();
      else if (key !== undefined) void this.#runFirst(key);
    }
  }

  async #runFirst(key: string): Promise<void> {
    const lane = this.#lanes.get(key) ?? [];
    try {
      await lane[0]?.(this.#rest);
    } finally {
      // Also after a task that threw, which is a defect: the other lanes go on.
      this.#running -= 1;
      this.#size -= 1;
      lane.shift();
      if (lane.length > 0) this.#ready.push(key);
      else this.#lanes.delete(key);
      this.#start();
      if (this.#size === 0) this.#becomeIdle();
    }
  }

  #becomeIdle(): void {
    this.#idle?.resolve();
    this.#idle = undefined;
  }
}
