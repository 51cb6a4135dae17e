// The topics that the page knows, as a tree over their levels: counts, rates and last messages, of
// each topic and of all below. Bounded: beyond its maximum the topics that were silent longest go.
// Pure: it knows no clock and no signal; topic-store.ts shows it to the views.

import type { StreamMessage } from "./bridge-answers.ts";
import { addToRate, type Rate } from "./rate.ts";

/** What is kept of the last message of a topic: enough for a preview and for a search. */
export type LastMessage = Omit<StreamMessage, "event" | "topic" | "at"> & {
  /** `payload` was cut by the page; the whole is at the bridge. */
  readonly isPreview?: true;
};

export type TopicNode = {
  /** Another for each node that ever was. */
  readonly key: number;
  /** Of this level alone; "" is a level as well. */
  readonly name: string;
  readonly topic: string;
  readonly depth: number;
  readonly parent: TopicNode | undefined;
  readonly children: Map<string, TopicNode>;
  /** Changes with whatever changes here or below. */
  version: number;
  /** Changes when a child comes or goes. */
  childrenVersion: number;
  /** Of this topic alone. */
  messages: number;
  /** The bridge's count has all up to this message: one that comes later is not counted again. */
  countedId: number;
  last: LastMessage | undefined;
  /** When the last message passed, in ms since 1970; 0 when there was none. */
  changedAtMs: number;
  /** With all below, this one among them. */
  readonly below: { messages: number; topics: number; changedAtMs: number; rate: Rate };
};

export type TopicTreeLimits = {
  readonly topicsMax: number;
  /** Longest payload that is kept of each. */
  readonly previewCharactersMax: number;
  /** Of all payloads that are kept. */
  readonly charactersMax: number;
};

const MICROSECONDS_PER_MS = 1000;

export class TopicTree {
  readonly root: TopicNode;
  readonly #limits: TopicTreeLimits;
  /** Those with a message, the one that was silent longest first. */
  readonly #topics = new Map<string, TopicNode>();
  #keys = 0;
  #characters = 0;
  #dropped = 0;
  #structure = 0;

  constructor(limits: TopicTreeLimits) {
    this.#limits = limits;
    this.root = this.#createNode("", "", undefined);
  }

  /** Changes when nodes come or go. */
  get structure(): number {
    return this.#structure;
  }

  get size(): number {
    return this.#topics.size;
  }

  get characters(): number {
    return this.#characters;
  }

  /** Topics that went to make room. */
  get dropped(): number {
    return this.#dropped;
  }

  get topics(): IterableIterator<TopicNode> {
    return this.#topics.values();
  }

  find(topic: string): TopicNode | undefined {
    return this.#topics.get(topic);
  }

  /** Notes a message, and those that it stands for. Gives its node. */
  note(message: StreamMessage, nowMs: number): TopicNode {
    const { initial, replaced = 0, id } = message;
    const node = this.#touch(message.topic);
    const isNew = node.last === undefined || id > node.last.id;
    const isCounted = initial ? node.messages > 0 : id <= node.countedId;
    if (initial) node.countedId = Math.max(node.countedId, id);
    const count = isCounted ? 0 : 1 + replaced;
    this.#keep(node, message, isNew);
    this.#change(node, count, Math.floor(id / MICROSECONDS_PER_MS), initial ? undefined : nowMs);
    this.#makeRoom();
    return node;
  }

  /** What the bridge has counted up to this message of the topic. */
  noteCount(topic: string, messages: number, id: number): void {
    const node = this.#touch(topic);
    // What came since was counted here.
    const since = node.last && node.last.id > id ? 1 : 0;
    const count = Math.max(messages + since, node.messages) - node.messages;
    node.countedId = Math.max(node.countedId, id);
    this.#change(node, count, Math.floor(id / MICROSECONDS_PER_MS), undefined);
    this.#makeRoom();
  }

  clear(): void {
    for (const node of [...this.#topics.values()]) this.#remove(node);
    Object.assign(this.root.below.rate, { perSecond: 0, atMs: 0 });
    this.#dropped = 0;
  }

  #change(node: TopicNode, count: number, atMs: number, nowMs: number | undefined): void {
    node.messages += count;
    node.changedAtMs = Math.max(node.changedAtMs, atMs);
    for (let at: TopicNode | undefined = node; at; at = at.parent) {
      at.version += 1;
      at.below.messages += count;
      at.below.changedAtMs = Math.max(at.below.changedAtMs, atMs);
      if (nowMs !== undefined) addToRate(at.below.rate, count, nowMs);
    }
  }

  #keep(node: TopicNode, message: StreamMessage, isNew: boolean): void {
    if (!isNew) return;
    const { event: _event, topic: _topic, at: _at, payload, ...others } = message;
    const max = this.#limits.previewCharactersMax;
    const isPreview = payload.length > max;
    const kept = isPreview ? payload.slice(0, max) : payload;
    this.#characters += kept.length - (node.last?.payload.length ?? 0);
    node.last = { ...others, payload: kept, ...(isPreview && { isPreview }) };
  }

  /** The node of the topic, which is then the last that would go. */
  #touch(topic: string): TopicNode {
    const known = this.#topics.get(topic);
    if (known) {
      this.#topics.delete(topic);
      this.#topics.set(topic, known);
      return known;
    }
    let node = this.root;
    for (const name of topic.split("/")) {
      node = node.children.get(name) ?? this.#addChild(node, name);
    }
    this.#topics.set(topic, node);
    for (let at: TopicNode | undefined = node; at; at = at.parent) at.below.topics += 1;
    this.#structure += 1;
    return node;
  }

  #makeRoom(): void {
    const { topicsMax, charactersMax } = this.#limits;
    while (this.#topics.size > topicsMax || this.#characters > charactersMax) {
      const [oldest] = this.#topics.values();
      if (!oldest || this.#topics.size === 1) return;
      this.#remove(oldest);
      this.#dropped += 1;
    }
  }

  #remove(node: TopicNode): void {
    this.#topics.delete(node.topic);
    this.#characters -= node.last?.payload.length ?? 0;
    const { messages } = node;
    node.last = undefined;
    node.messages = 0;
    node.countedId = 0;
    for (let at: TopicNode | undefined = node; at; at = at.parent) {
      at.version += 1;
      at.below.topics -= 1;
      at.below.messages -= messages;
      if (at.below.topics > 0 || !at.parent) continue;
      at.parent.children.delete(at.name);
      at.parent.childrenVersion += 1;
    }
    this.#structure += 1;
  }

  #addChild(parent: TopicNode, name: string): TopicNode {
    const child = this.#createNode(name, joinLevel(parent, name), parent);
    parent.children.set(name, child);
    parent.childrenVersion += 1;
    return child;
  }

  #createNode(name: string, topic: string, parent: TopicNode | undefined): TopicNode {
    this.#keys += 1;
    return {
      key: this.#keys,
      name,
      topic,
      depth: parent ? parent.depth + 1 : 0,
      parent,
      children: new Map(),
      version: 0,
      childrenVersion: 0,
      messages: 0,
      countedId: 0,
      last: undefined,
      changedAtMs: 0,
      below: { messages: 0, topics: 0, changedAtMs: 0, rate: { perSecond: 0, atMs: 0 } },
    };
  }
}

function joinLevel(parent: TopicNode, name: string): string {
  return parent.depth === 0 ? name : `${parent.topic}/${name}`;
}
