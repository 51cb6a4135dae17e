// Who stands on one side of the stage: devices at the left, handlers at the right. Each has a place
// and a colour that stay; beyond the last place whoever was silent longest makes room. Used by
// stage-play.ts. Pure: it knows no clock.

export type Actor = {
  readonly name: string;
  /** Which of the colours of stage.css. */
  readonly hue: number;
  messages: number;
  failed: number;
  lastMs: number;
  /** Of its last message: what a handler got, or a device sent. */
  topic: string;
  /** Of a handler: where its last reply went. */
  replyTopic: string | undefined;
};

/** The place of all who have none of their own. */
export const CROWD = -1;
export const HUES = 10;

export class Cast {
  readonly #actors: Actor[] = [];
  readonly #quietMs: number;
  #placesMax: number;

  /** Who was silent for `quietMs` may lose its place to another. */
  constructor({ placesMax, quietMs }: { readonly placesMax: number; readonly quietMs: number }) {
    this.#placesMax = placesMax;
    this.#quietMs = quietMs;
  }

  get actors(): readonly Actor[] {
    return this.#actors;
  }

  /** Fewer, on a smaller screen: then the last ones go. */
  setPlacesMax(placesMax: number): void {
    this.#placesMax = placesMax;
    this.#actors.length = Math.min(this.#actors.length, placesMax);
  }

  find(name: string): Actor | undefined {
    return this.#actors.find((actor) => actor.name === name);
  }

  /** Its place, a new one if there is room; else `CROWD`. */
  admit(name: string, nowMs: number): number {
    const known = this.#actors.findIndex((actor) => actor.name === name);
    if (known >= 0) return known;
    const place = this.#findRoom(nowMs);
    if (place === CROWD) return CROWD;
    const topic = "";
    const shared = { messages: 0, failed: 0, lastMs: nowMs, topic, replyTopic: undefined };
    this.#actors[place] = { name, hue: this.#chooseHue(name, place), ...shared };
    return place;
  }

  #findRoom(nowMs: number): number {
    if (this.#actors.length < this.#placesMax) return this.#actors.length;
    const oldest = Math.min(...this.#actors.map(({ lastMs }) => lastMs));
    if (nowMs - oldest < this.#quietMs) return CROWD;
    return this.#actors.findIndex(({ lastMs }) => lastMs === oldest);
  }

  // Of its name, so that it has the same tomorrow, but for two on the stage with the same one.
  #chooseHue(name: string, place: number): number {
    const taken = new Set(this.#actors.filter((_, at) => at !== place).map(({ hue }) => hue));
    const wanted = hueOf(name);
    const free = Array.from({ length: HUES }, (_, step) => (wanted + step) % HUES);
    return free.find((hue) => !taken.has(hue)) ?? wanted;
  }
}

/** FNV-1a over the name. */
export function hueOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < name.length; at += 1) {
    hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  }
  return (hash >>> 0) % HUES;
}
