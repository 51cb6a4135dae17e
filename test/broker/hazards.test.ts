// Each known hazard of the stack (sections A4, B3, C1, C3, D and F of the list of hazards) and the
// test that stands against it; that of F 18 is below. Here it is only held that each of them is
// there: whoever renames or removes one is told which hazard is open then.

import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { scanSource } from "../kit/source-scanner.ts";

const root = join(import.meta.dir, "../..");

/** One hazard a line: what it is, the file below test/, and words of the test's name or rows. */
const HAZARDS: Readonly<Record<string, string>> = {
  "A4, security fixes that the engine lacks": `
    a topic of more than 100 levels       | broker/limits          | more than 100 levels
    names of every object as client ids   | broker/object-names    | connects, is taken over
    QoS 2 without PUBREL, without bounds  | broker/receive-maximum | who exceeds it with QoS 2
    identifiers that outlive a clean start | broker/acknowledgements | never released is a new
    PUBREL that comes again and again     | broker/acknowledgements | comes three times at once
    a response topic that is cut short    | broker/malformed-packets | cut short
    a will delay that is no number        | broker/malformed-connect | a will delay cut short
    a session expiry that is no number    | broker/malformed-connect | a session expiry cut short
    take-overs that leave zombies         | broker/sessions        | of 300 connections with one
    a queue that is dropped on resume     | broker/sessions        | still gets what waited for it
    PUBACK before it is stored            | broker/acknowledgements | when the message is stored
    what comes again has no DUP           | broker/sessions        | comes again, marked so
    a parser that is entered twice        | broker/connection-guard | packets are handled in turn
    an emitter that calls itself too deep | broker/slow-reader     | a slow reader that leaves costs
  `,
  "B3, limits of MQTT that others leave to us": `
    Receive Maximum, of the client        | broker/receive-maximum | is never exceeded
    Receive Maximum, of the broker        | broker/receive-maximum | is told in CONNACK
    Receive Maximum, of a broker outside  | link/publishing        | never more than the broker's
    Maximum Packet Size of the client     | broker/maximum-packet-size | to the byte
    Maximum Packet Size of a broker       | link/publishing        | it can not take is not sent
    70,000 messages that nobody answers   | broker/hazards-crowds  | more messages wait than there
    a peer that is frozen                 | broker/slow-reader     | takes little of the broker's
    a queue without bounds while offline | link/publishing | bounded in messages and in bytes
    a publish that never settles          | link/publishing        | and gives up at its deadline
    what is sent again after a reconnect  | link/publishing        | with DUP and its identifier
    a CONNACK that stops the process      | link/connecting        | a malformed CONNACK
    a login that failed once, and silence | link/connecting        | until it lets us in
    handlers that hold all messages up    | app/ordering           | while every slot is taken
  `,
  "C1, attacks": `
    client id __proto__                   | broker/object-names    | "__proto__", "constructor"
    client id constructor                 | broker/object-names    | "constructor", "toString"
    client id toString                    | broker/object-names    | "toString", "hasOwnProperty"
    subscribe to constructor              | broker/object-names    | is subscribed, used and unsub
    subscribe to __proto__                | broker/object-names    | "SUBSCRIBE to %s is granted
    unsubscribe from __proto__            | broker/object-names    | subscribed and unsubscribed in
    the same in a session that is kept    | broker/object-names    | is resumed with its filters
    a truncated response topic            | broker/malformed-packets | that ends in
    an over-long response topic           | broker/malformed-packets | an over-long response topic
    PUBREL three times                    | broker/acknowledgements | answered three times
    a storm of 300 take-overs             | broker/sessions        | one is left, and it is served
    a flood of QoS 2                      | broker/acknowledgements | do not stay in memory
    a topic of 150 levels                 | broker/limits          | "a/".repeat(149)
    a will topic of 150 levels            | broker/malformed-connect | a will topic of 150 levels
    filters that are none                 | broker/malformed-packets | with # in the middle
    invalid UTF-8                         | broker/malformed-packets | in its topic
    invalid UTF-8 in a CONNECT            | broker/malformed-connect | in the client id
    a topic of 65,535 bytes               | broker/limits          | a topic of 65,535 bytes
    a client id of 65,535 bytes           | broker/limits          | a client id of 65,535 bytes
    a second CONNECT                      | broker/framing         | a second CONNECT in one segment
    packets before CONNECT                | broker/framing         | a packet before CONNECT closes
    packets right behind CONNECT          | broker/limits          | right behind CONNECT are all
    connections that are reset            | broker/framing         | reset at once leave nothing
    wills of every kind                   | broker/malformed-connect | a will with QoS 3
    a will to $SYS                        | broker/sys-topics-rights | not by a will either
    acknowledgements of nothing           | broker/framing         | of what was never sent
    acknowledgements of the wrong kind    | broker/quality-of-service | does not fit the message
    and all of it at random               | broker/fuzz            | of nonsense neither end
  `,
  "C3, load and limits": `
    many connections that are only there  | broker/hazards-crowds  | cost little memory
    connections, of all                   | broker/limits          | connections beyond the limit
    connections, of one address           | broker/hazards-unknown | one address has a limit
    connections, over WebSocket           | broker/web-socket      | counts for the limit
    handshakes of TLS                     | broker/tls             | has a limit of its own
    connections without CONNECT           | broker/hazards-unknown | that say nothing are all closed
    a CONNECT that drips                  | broker/hazards-unknown | drips byte by byte
    a handshake that drips                | broker/tls             | that stands still is ended
    a CONNECT that claims 200 MB          | broker/hazards-unknown | claims 200 MB
    megabytes while a login takes its time | broker/hazards-unknown | while a login takes its time
    the same, over WebSocket              | broker/web-socket-holding | wait with the client
    a PUBLISH of 100 MB                   | broker/limits          | by its length alone, before
    a PUBLISH that claims and does not send | broker/framing       | holds nobody up
    a slow reader of QoS 0                | broker/slow-reader     | are left out, and counted
    a slow reader that asks on            | broker/slow-reader     | asks on and on
    a slow reader that leaves             | broker/slow-reader     | a slow reader that leaves costs
    a slow reader over WebSocket          | broker/slow-web-reader | it holds nobody up
    a publisher thrown out for another    | broker/connection-guard | ends its own connection when
    a slow session of QoS 1               | broker/session-limits  | a queue that is full
    a queue that comes all at once        | broker/receive-maximum | holds when QoS %p is sent again
    identifiers that are used twice       | broker/hazards-crowds  | none is used twice at once
    retained messages without bounds      | broker/message-limits  | retained messages beyond
    thousands of wildcard filters         | broker/hazards-crowds  | as many wildcard filters as it
    thousands of filters that overlap     | broker/hazards-crowds  | filters with + that overlap
    filters of one client                 | broker/subscription-codes | filters beyond the limit
    sessions that nobody comes back to    | broker/session-limits  | beyond the limit the newest
    sessions that are to be kept for ever | broker/session-limits  | longer than allowed is told
    connections that are half open        | broker/keep-alive      | 1.5 times the keep alive
    a keep alive of 0                     | broker/keep-alive      | of 0, which is for ever
    kicking others by $SYS                | broker/limits          | below $SYS/, and so disconnect
    forging $SYS                          | broker/sys-topics-rights | nobody writes them
    spying on $SYS                        | broker/sys-topics-rights | only those who may read them
    a client that is too fast             | broker/message-limits  | too fast is slowed down
    passwords that are guessed            | access/login-throttle  | waits from its sixth attempt on
  `,
  "D, what is on the disk": `
    the interface of the engine           | broker/persistence     | aedes' suite
    acknowledged and lost, kill -9        | broker/kill            | keeps all that it acknowledged
    twice, out of order, or without DUP   | broker/restart         | comes in order, with its ident
    QoS 2 that is published twice | broker/restart | is published once, however often
    properties that are dropped           | broker/restart-state   | come back whole
    an expiry that is forgotten | broker/message-expiry | counts down, and is dropped when
    one write for each message            | store/write-group      | is one transaction
    a disk that takes nothing             | store/write-group      | while the disk takes nothing
    a default that a power cut breaks     | config/listening       | durability: "full"
    a file that is damaged                | broker/restart-state   | is refused and stays as it was
    a megabyte, retained or queued | broker/large-payloads | as retained and as queued, after
  `,
  "F, by priority": `
    1, ordinary traffic ends it           | broker/slow-reader     | a slow reader that leaves costs
    2, known advisories                   | broker/object-names    | is resumed with its filters
    3, PUBACK before it is stored         | broker/acknowledgements | not before
    4, properties that are not checked    | lib/property-rules     | cut short is malformed
    4, in what a broker sends as well     | lib/packet-rules       | serverKeepAlive
    5, a slow reader holds others up      | broker/slow-reader     | is not disconnected
    6, a queue that is dropped            | broker/sessions        | still gets what waited for it
    7, the bridge's client is dead        | link/connecting        | until it lets us in
    8, limits that are not heeded         | link/publishing        | never more than the broker's
    9, memory before a login              | broker/hazards-unknown | claims 200 MB
    10, a log that nobody reads           | lib/line-writer        | blocks nothing
    10, ids of 65 KB in the log           | broker/limits          | is cut in the log
    11, counters that drift               | broker/sys-topics      | are right after known traffic
    12, a parser that is entered twice    | broker/connection-guard | packets are handled in turn
    13, window, identifiers, DUP          | broker/receive-maximum | with DUP
    14, whatever can grow                 | broker/session-limits  | takes no more
    15, $SYS                              | broker/sys-topics-rights | nobody writes them
    16, a handler holds messages up       | app/backpressure       | than the handlers have room for
    17, what nobody caught                | cli/uncaught           | is a defect
  `,
};

type Row = readonly [hazard: string, file: string, words: string];

function parseRows(text: string): Row[] {
  const lines = text.trim().split("\n");
  return lines.map((line) => line.split("|").map((part) => part.trim()) as unknown as Row);
}

describe.each(Object.entries(HAZARDS))("%s:", (_section, text) => {
  test.each(parseRows(text))("%s", (_hazard, file, words) => {
    const path = join(root, "test", `${file}.test.ts`);
    expect(existsSync(path)).toBe(true);
    expect(words.length).toBeGreaterThan(5);
    expect(scanSource(readFileSync(path, "utf8")).uncommented).toContain(words);
  });
});

test("the binary carries no native addon: it must run where nothing is installed", async () => {
  const { outputs } = await Bun.build({ entrypoints: [join(root, "src/main.ts")], target: "bun" });
  expect(outputs.map(({ path }) => path).filter((path) => /\.(node|wasm)$/.test(path))).toEqual([]);
  const [program] = outputs;
  expect(await program?.text()).not.toMatch(/\bprocess\.dlopen\(|require\([^)]*\.node["'`]\)/);
});
