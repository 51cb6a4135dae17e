// Runs tasks in lanes: those of one key one after the other, in order; lanes side by side, up to a
// limit. Used by dispatch, with the key of a handler's messages.

type Task = () => Promise<void>;

export class Lanes {
  readonly #concurrency: number;
  /** Tasks of each key, the running one first. */
  readonly #lanes = new Map<string, Task[]>();
  /** Keys whose first task waits for a free slot, in order. */
  readonly #ready: string[] = [];
  #running = 0;
  #idle: PromiseWithResolvers<void> | undefined;

  constructor(concurrency: number) {
    this.#concurrency = concurrency;
  }

  /** Runs the task after all earlier ones of its key. */
  add(key: string, task: Task): void {
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
    if (this.#lanes.size === 0) return;
    this.#idle ??= Promise.withResolvers();
    await this.#idle.promise;
  }

  #start(): void {
    while (this.#running < this.#concurrency) {
      const key = this.#ready.shift();
      if (key === undefined) return;
      this.#running += 1;
      void this.#runFirst(key);
    }
  }

  async #runFirst(key: string): Promise<void> {
    const lane = this.#lanes.get(key) ?? [];
    try {
      await lane[0]?.();
    } finally {
      // Also after a task that threw, which is a defect: the other lanes go on.
      this.#running -= 1;
      lane.shift();
      if (lane.length > 0) this.#ready.push(key);
      else this.#lanes.delete(key);
      this.#start();
      if (this.#lanes.size === 0) this.#becomeIdle();
    }
  }

  #becomeIdle(): void {
    this.#idle?.resolve();
    this.#idle = undefined;
  }
}
