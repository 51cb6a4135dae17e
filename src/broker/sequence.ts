// Things in a row, each under its number, that leave from anywhere but mostly from the front: the
// queue of a client. A Map would do, but JavaScriptCore's keeps the places of deleted keys until it
// grows, and a queue does nothing but add and delete. An empty one holds next to no memory.

const CAPACITY_MIN = 16;
/** Never written to: it has no place. */
const NONE: never[] = [];

export class Sequence<T> {
  /** The lowest number that may still be there, and the number that comes next. */
  first: number;
  next: number;
  size = 0;
  #slots: (T | undefined)[] = NONE;

  constructor(first = 1) {
    this.first = first;
    this.next = first;
  }

  push(item: T): number {
    if (this.next - this.first >= this.#slots.length) this.#grow();
    const number = this.next++;
    this.#slots[number & (this.#slots.length - 1)] = item;
    this.size += 1;
    return number;
  }

  /** Leaves numbers out, so that the next item has this one. */
  skipTo(number: number): void {
    if (this.size === 0) this.first = this.next = number;
    while (this.next < number) {
      if (this.next - this.first >= this.#slots.length) this.#grow();
      this.#slots[this.next++ & (this.#slots.length - 1)] = undefined;
    }
  }

  get(number: number): T | undefined {
    if (number < this.first || number >= this.next) return undefined;
    return this.#slots[number & (this.#slots.length - 1)];
  }

  delete(number: number): T | undefined {
    const item = this.get(number);
    if (item === undefined) return undefined;
    this.#slots[number & (this.#slots.length - 1)] = undefined;
    this.size -= 1;
    if (this.size === 0) this.#empty();
    else while (this.#slots[this.first & (this.#slots.length - 1)] === undefined) this.first += 1;
    return item;
  }

  /** With their numbers, in order. An item that leaves meanwhile may still be shown. */
  *[Symbol.iterator](): Generator<[number, T]> {
    for (let number = this.first; number < this.next; number++) {
      const item = this.get(number);
      if (item !== undefined) yield [number, item];
    }
  }

  #empty(): void {
    this.first = this.next;
    if (this.#slots.length > CAPACITY_MIN) this.#slots = NONE;
  }

  #grow(): void {
    const larger = new Array<T | undefined>(Math.max(CAPACITY_MIN, this.#slots.length * 2));
    for (const [number, item] of this) larger[number & (larger.length - 1)] = item;
    this.#slots = larger;
  }
}
