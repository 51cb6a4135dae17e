// Deadlines of many things that nearly always end in time: those that are due about the same moment
// share one timer. A timer for each is what a busy bridge would spend most of its own time on.

/** Deadlines within one step of this length share a timer. */
const STEP_MS = 50;

export type Deadline = {
  /** What it is for was done in time. */
  clear(): void;
};

type Step = { readonly waiting: Set<() => void>; readonly timer: ReturnType<typeof setTimeout> };

export class CoarseDeadlines {
  readonly #steps = new Map<number, Step>();

  /** Calls `expire` once, when so many milliseconds have passed: never before, up to 50 later. */
  set(ms: number, expire: () => void): Deadline {
    const number = Math.ceil((performance.now() + ms) / STEP_MS);
    const step = this.#steps.get(number) ?? this.#open(number);
    step.waiting.add(expire);
    return {
      clear: () => {
        if (!step.waiting.delete(expire) || step.waiting.size > 0) return;
        clearTimeout(step.timer);
        this.#steps.delete(number);
      },
    };
  }

  #open(number: number): Step {
    const end = () => {
      this.#steps.delete(number);
      for (const expire of step.waiting) expire();
      step.waiting.clear();
    };
    const timer = setTimeout(end, number * STEP_MS - performance.now());
    const step: Step = { waiting: new Set(), timer };
    this.#steps.set(number, step);
    return step;
  }
}
