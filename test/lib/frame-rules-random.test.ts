// Packets that are nearly right: whatever the frame rules let through, mqtt-packet reads whole and
// the rules for parsed packets (of which the link makes use) find nothing in. FUZZ_SEED runs one
// again.

import { expect, test } from "bun:test";
import { type Packet, parser } from "mqtt-packet";
import { readVersion } from "../../src/lib/connect-rules.ts";
import { findFrameProblem } from "../../src/lib/frame-rules.ts";
import { PacketFrames } from "../../src/lib/packet-frames.ts";
import { findPacketProblem } from "../../src/lib/packet-rules.ts";
import { createConversation } from "../kit/fuzz-bytes.ts";
import { createRandom, createSeed } from "../kit/random.ts";

const CONVERSATIONS = 4_000;
const seed = Number(process.env.FUZZ_SEED ?? createSeed());

/** What mqtt-packet and the rules for its packets have against a frame. */
function findOtherProblem(frame: Buffer, protocolVersion: 4 | 5): string | undefined {
  const problems: string[] = [];
  const packets: Packet[] = [];
  const parse = parser({ protocolVersion });
  parse.on("error", (error: Error) => problems.push(error.message));
  parse.on("packet", (packet) => packets.push(packet));
  const rest = parse.parse(frame);
  if (problems[0]) return problems[0];
  if (packets.length !== 1 || rest !== 0) return `${packets.length} packets, ${rest} bytes left`;
  return packets[0] && findPacketProblem(packets[0]);
}

test(`what is let through is well formed for the parser too (FUZZ_SEED=${seed})`, () => {
  const counts = { good: 0, refused: 0 };
  for (let at = 0; at < CONVERSATIONS; at++) {
    let version: 3 | 4 | 5 = 4;
    for (const bytes of createConversation(createRandom(seed + at))) {
      const frames = new PacketFrames();
      frames.push(bytes);
      const frame = frames.take();
      if (!frame) continue;
      const isConnect = (frame[0] ?? 0) >> 4 === 1;
      if (isConnect) version = readVersion(frame) ?? version;
      // Of MQTT 3.1 mqtt-packet wants bits that are not used to be right; the guard sets them.
      if (version === 3) continue;
      if (findFrameProblem(frame, version)) counts.refused += 1;
      else {
        counts.good += 1;
        const packet = frame.toString("hex");
        const problem = findOtherProblem(frame, version);
        expect({ seed, packet, version, problem }).toEqual({
          seed,
          packet,
          version,
          problem: undefined,
        });
      }
    }
  }
  expect(counts.good).toBeGreaterThan(CONVERSATIONS);
  expect(counts.refused).toBeGreaterThan(CONVERSATIONS / 4);
});
