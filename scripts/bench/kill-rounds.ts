// A broker is killed while QoS 1 messages are published for a session whose client is away, and is
// started again with the same data. Whatever was acknowledged must be there: messages in their
// order, retained values, the session and its subscriptions. Called by broker-kill.ts and by tests.

import { openSessionClient, type Received } from "./session-client.ts";
import { type Outgoing, type PublishOutcome, publishAll } from "./window-publisher.ts";

export type KillTarget = {
  readonly port: number;
  /** Ends the broker without a warning; resolves when it has ended. */
  kill(): Promise<void>;
  /** Starts it again, on the same port and with the same data; resolves when it lets clients in. */
  restart(): Promise<void>;
};

export type KillOptions = {
  readonly target: KillTarget;
  readonly rounds: number;
  /** In each round. */
  readonly messages: number;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** What it throws ends the rounds. */
  readonly onRound?: (round: KillRound) => void;
  /** After that time without a message, none is expected any more; 3 s when absent. */
  readonly quietMs?: number;
};

export type KillRound = {
  readonly sent: number;
  readonly acknowledged: number;
  /** Of this round, whether acknowledged or not. */
  readonly delivered: number;
  /** Of earlier rounds, although their client had acknowledged them: allowed with QoS 1. */
  readonly repeated: number;
  /** What must not be, in words. */
  readonly faults: readonly string[];
};

const CLIENT_ID = "kill-session";
const QUEUE_TOPIC = "kill/queue";
const END_TOPIC = "kill/end/";
const STATE_TOPIC = "kill/state/";
/** One message in so many sets one of these retained values. */
const STATE_EVERY = 10;
const STATES = 20;
const WINDOW = 64;
const QUIET_MS = 3_000;

export async function runKillRounds(options: KillOptions): Promise<KillRound[]> {
  const { target, rounds, onRound } = options;
  await subscribe(target.port);
  const states = new Map<string, StateBounds>();
  const results: KillRound[] = [];
  for (let round = 0; round < rounds; round++) {
    const result = await runRound(round, states, options);
    results.push(result);
    onRound?.(result);
  }
  return results;
}

/** Of a retained value: the last one that was acknowledged, and the last that was sent. */
type StateBounds = { acknowledged: number; sent: number };

async function runRound(
  round: number,
  states: Map<string, StateBounds>,
  { target, messages: count, random, quietMs = QUIET_MS }: KillOptions,
): Promise<KillRound> {
  const messages = Array.from({ length: count }, (_, at) => toMessage(round * count + at));
  const outcome = await publishUntilKilled(target, messages, Math.floor(random() * count));
  await target.restart();
  noteStates(states, messages, outcome);
  const stateFaults = await checkStates(target.port, states, quietMs);
  const { received, isSessionPresent } = await fetchQueue(target.port, round, quietMs);
  if (!isSessionPresent) await subscribe(target.port); // For the rounds that follow.

  const numbers = received
    .filter(({ topic }) => topic === QUEUE_TOPIC)
    .map(({ payload }) => Number(payload));
  const own = numbers.filter((number) => number >= round * count);
  const hasEnd = received.some(({ topic }) => topic === `${END_TOPIC}${round}`);
  const faults = [
    ...(isSessionPresent ? [] : ["the session is gone"]),
    ...(hasEnd ? [] : ["its second subscription is gone"]),
    ...findQueueFaults(own, messages, outcome),
    ...stateFaults,
  ];
  return {
    sent: outcome.sentCount,
    acknowledged: outcome.acknowledged.size,
    delivered: own.length,
    repeated: numbers.length - own.length,
    faults,
  };
}

/** The session, and two subscriptions of it: one plain, one with a wildcard. */
async function subscribe(port: number): Promise<void> {
  // Mosquitto 2.0.11 does not save a session that began with a clean start.
  const client = await openSessionClient({ port, clientId: CLIENT_ID, isCleanStart: false });
  const { connection } = client;
  await connection.subscribe(QUEUE_TOPIC);
  await connection.subscribe(`${END_TOPIC}+`);
  await connection.leave();
}

function toMessage(number: number): Outgoing {
  const payload = `${number}`;
  if (number % STATE_EVERY !== 0) return { topic: QUEUE_TOPIC, payload };
  const state = (number / STATE_EVERY) % STATES;
  return { topic: `${STATE_TOPIC}${state}`, payload, isRetained: true };
}

/** Kills the broker once so many messages are acknowledged; others are on their way then. */
async function publishUntilKilled(
  target: KillTarget,
  messages: readonly Outgoing[],
  killAfter: number,
): Promise<PublishOutcome> {
  let killed: Promise<void> | undefined;
  const onAcknowledged = (count: number) => {
    if (count > killAfter) killed ??= target.kill();
  };
  const outcome = await publishAll({ port: target.port, messages, window: WINDOW, onAcknowledged });
  await (killed ?? target.kill());
  return outcome;
}

function noteStates(
  states: Map<string, StateBounds>,
  messages: readonly Outgoing[],
  { sentCount, acknowledged }: PublishOutcome,
): void {
  for (const [place, { topic, payload, isRetained }] of messages.entries()) {
    if (!isRetained || place >= sentCount) continue;
    const bounds = states.getOrInsertComputed(topic, () => ({ acknowledged: -1, sent: -1 }));
    bounds.sent = Number(payload);
    if (acknowledged.has(place)) bounds.acknowledged = Number(payload);
  }
}

async function checkStates(
  port: number,
  states: Map<string, StateBounds>,
  quietMs: number,
): Promise<string[]> {
  const wanted = [...states].filter(([, { acknowledged }]) => acknowledged >= 0);
  const client = await openSessionClient({
    port,
    clientId: "kill-states",
    sessionExpirySeconds: 0,
  });
  await client.connection.subscribe(`${STATE_TOPIC}+`);
  await client.awaitCount(wanted.length, quietMs);
  await client.connection.leave();
  const values = new Map(client.received.map(({ topic, payload }) => [topic, Number(payload)]));
  const wrong = wanted.filter(([topic, { acknowledged, sent }]) => {
    const value = values.get(topic) ?? -1;
    return value < acknowledged || value > sent;
  });
  return wrong.length > 0 ? [`${wrong.length} of ${wanted.length} retained values are wrong`] : [];
}

/** Lets the client come back; a last message, to its second filter, tells it that all came. */
async function fetchQueue(port: number, round: number, quietMs: number) {
  const client = await openSessionClient({ port, clientId: CLIENT_ID, isCleanStart: false });
  const { received, connection } = client;
  await publishAll({ port, messages: [{ topic: `${END_TOPIC}${round}`, payload: "" }], window: 1 });
  const isEnd = ({ topic }: Received) => topic === `${END_TOPIC}${round}`;
  for (let seen = 0; !received.slice(seen).some(isEnd); ) {
    seen = received.length;
    if (!(await client.awaitCount(seen + 1, quietMs))) break;
  }
  await connection.leave();
  return { received, isSessionPresent: connection.isSessionPresent };
}

/** What is wrong with the numbers that came, in the order in which they came. */
export function findQueueFaults(
  numbers: readonly number[],
  messages: readonly Outgoing[],
  { acknowledged }: Pick<PublishOutcome, "acknowledged">,
): string[] {
  const delivered = new Set(numbers);
  const promised = [...acknowledged]
    .map((place) => messages[place])
    .filter((message) => message?.topic === QUEUE_TOPIC)
    .map((message) => Number(message?.payload));
  const lost = promised.filter((number) => !delivered.has(number));
  const disorder = [...delivered].filter(
    (number, at, all) => at > 0 && number < (all[at - 1] ?? 0),
  );
  const faults: string[] = [];
  if (lost.length > 0) {
    faults.push(`${lost.length} of ${promised.length} acknowledged messages are lost`);
  }
  if (disorder.length > 0) faults.push(`${disorder.length} times out of order`);
  return faults;
}
