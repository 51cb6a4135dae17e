// The part "replay" of the broker's benchmark: messages wait for a session, and then its client
// comes. How long until the last one is there; whether the broker keeps to the client's window,
// never uses a packet identifier twice at a time, and keeps the order.

import type { Bench, Section } from "./broker-part.ts";
import { openSessionClient, type Received, type SessionClient } from "./session-client.ts";
import { summarize } from "./statistics.ts";
import { openSubject, SUBJECTS, type Subject, type SubjectName } from "./subjects.ts";
import { format } from "./table.ts";
import { publishAll } from "./window-publisher.ts";

type Replay = {
  readonly subject: SubjectName;
  /** Undefined: the client says nothing, which is 65,535. */
  readonly receiveMaximum: number | undefined;
  readonly seconds: number;
  readonly delivered: number;
  /** What the broker did wrong, in words. */
  readonly faults: readonly string[];
};

const NAMES = ["viaduto", "viaduto-data", "mosquitto"] as const;
const RECEIVE_MAXIMA = [20, undefined] as const;
const RECEIVE_MAXIMUM_DEFAULT = 65_535;
/** More than there are packet identifiers. */
const WITHHELD_MESSAGES = 70_000;
const TOPIC = "replay/queue";
const CLIENT_ID = "replay";
const PAYLOAD_BYTES = 100;
const WINDOW = 500;
const QUIET_MS = 3_000;
const WITHHELD_QUIET_MS = 1_000;

export async function measureReplay(bench: Bench): Promise<Section> {
  const { options, say } = bench;
  const replays: Replay[] = [];
  for (let round = 1; round <= options.rounds; round++) {
    for (const name of NAMES) {
      for (const receiveMaximum of RECEIVE_MAXIMA) {
        await using subject = await openSubject(name, bench.stage);
        const replay = await replayOnce(subject, receiveMaximum, options.messages);
        const faults = round === 1 ? await withholdOnce(subject, receiveMaximum) : [];
        replays.push({ ...replay, faults: [...replay.faults, ...faults] });
        const seconds = replay.seconds.toFixed(2);
        say(
          `round ${round}, Receive Maximum ${receiveMaximum ?? "default"}, ${name}: ${seconds} s`,
        );
      }
    }
  }
  return {
    title: `replay: ${options.messages} messages that waited; goal: less than 5 s`,
    rows: buildRows(replays),
    notes: [],
    data: replays,
  };
}

async function replayOnce(
  subject: Subject,
  receiveMaximum: number | undefined,
  count: number,
): Promise<Replay> {
  await fill(subject.port, count);
  const startedAtMs = performance.now();
  const client = await comeBack(subject.port, receiveMaximum, true);
  await client.awaitCount(count, QUIET_MS);
  const seconds = (client.lastAtMs - startedAtMs) / 1000;
  const faults = [
    ...findFaults(client, receiveMaximum),
    ...findOrderFaults(client.received, count),
  ];
  await client.connection.leave();
  return {
    subject: subject.name,
    receiveMaximum,
    seconds,
    delivered: client.received.length,
    faults,
  };
}

/** A client that acknowledges nothing, then comes again and does. */
async function withholdOnce(
  { port }: Subject,
  receiveMaximum: number | undefined,
): Promise<string[]> {
  await fill(port, WITHHELD_MESSAGES);
  const silent = await comeBack(port, receiveMaximum, false);
  await silent.awaitQuiet(WITHHELD_QUIET_MS);
  silent.connection.destroy();
  const client = await comeBack(port, receiveMaximum, true);
  await client.awaitCount(WITHHELD_MESSAGES, QUIET_MS);
  const faults = [
    ...findFaults(silent, receiveMaximum),
    ...findRepetitionFaults(silent.received, client.received),
    ...findOrderFaults(client.received, WITHHELD_MESSAGES),
  ];
  await client.connection.leave();
  return faults.map((fault) => `acknowledgements withheld: ${fault}`);
}

/** Makes the session, empty and subscribed, and lets messages wait for it. */
async function fill(port: number, count: number): Promise<void> {
  const client = await openSessionClient({ port, clientId: CLIENT_ID });
  await client.connection.subscribe(TOPIC);
  await client.connection.leave();
  const messages = Array.from({ length: count }, (_, at) => {
    return { topic: TOPIC, payload: `${at} `.padEnd(PAYLOAD_BYTES, "x") };
  });
  const { acknowledged } = await publishAll({ port, messages, window: WINDOW });
  if (acknowledged.size < count) throw new Error(`${acknowledged.size} of ${count} were taken`);
}

function comeBack(
  port: number,
  receiveMaximum: number | undefined,
  acknowledges: boolean,
): Promise<SessionClient> {
  return openSessionClient({
    port,
    clientId: CLIENT_ID,
    isCleanStart: false,
    acknowledges,
    ...(receiveMaximum !== undefined && { receiveMaximum }),
  });
}

function findFaults(client: SessionClient, receiveMaximum = RECEIVE_MAXIMUM_DEFAULT): string[] {
  const faults: string[] = [];
  if (!client.connection.isSessionPresent) faults.push("the session is gone");
  const { length: reused } = client.reusedIdentifiers;
  if (reused > 0) faults.push(`${reused} identifiers were used twice at a time`);
  // [MQTT-3.3.4-9]
  const most = client.unacknowledgedMax;
  if (most > receiveMaximum) faults.push(`${most} unacknowledged, of ${receiveMaximum}`);
  return faults;
}

/** [MQTT-4.4.0-1] what was not acknowledged comes first, marked, and under its identifier. */
function findRepetitionFaults(before: readonly Received[], after: readonly Received[]): string[] {
  const differing = before.filter(({ payload, identifier }, at) => {
    const again = after[at];
    const isSame = again?.payload === payload && again.identifier === identifier;
    return !isSame || !again.isDuplicate;
  });
  return differing.length > 0 ? [`${differing.length} of ${before.length} came otherwise`] : [];
}

function findOrderFaults(received: readonly Received[], count: number): string[] {
  const numbers = received.map(({ payload }) => Number.parseInt(payload, 10));
  const faults: string[] = [];
  if (received.length !== count) faults.push(`${received.length} of ${count} came`);
  const jumps = numbers.filter((number, at) => at > 0 && number !== (numbers[at - 1] ?? 0) + 1);
  if (jumps.length > 0) faults.push(`${jumps.length} times out of order`);
  return faults;
}

function buildRows(replays: readonly Replay[]): string[][] {
  const rows = NAMES.flatMap((name) =>
    RECEIVE_MAXIMA.map((receiveMaximum) => {
      const own = replays.filter((one) => {
        return one.subject === name && one.receiveMaximum === receiveMaximum;
      });
      const seconds = summarize(own.map((one) => one.seconds));
      const delivered = summarize(own.map((one) => one.delivered));
      const faults = [...new Set(own.flatMap((one) => one.faults))].join("; ");
      const cells = [SUBJECTS[name], `${receiveMaximum ?? "default"}`];
      return [...cells, format(delivered, 0), format(seconds, 2), faults];
    }),
  );
  return [["broker", "Receive Maximum", "came", "seconds", "faults"], ...rows];
}
