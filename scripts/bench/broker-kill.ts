// The part "kill" of the broker's benchmark: kill-rounds.ts against the brokers of this machine.

import type { Bench, Section } from "./broker-part.ts";
import { type KillRound, runKillRounds } from "./kill-rounds.ts";
import { openSubject, SUBJECTS, type SubjectName } from "./subjects.ts";

type Killed = { readonly subject: SubjectName; readonly rounds: readonly KillRound[] };

export async function measureKills(bench: Bench): Promise<Section> {
  const { killSubjects, killRounds, killMessages } = bench.options;
  const all: Killed[] = [];
  for (const name of killSubjects) all.push(await killOne(name, bench));
  return {
    title: `kill: ${killRounds} rounds of ${killMessages} messages, kill -9 at a random moment`,
    rows: buildRows(all),
    notes: all.flatMap(listFaults),
    data: all,
  };
}

async function killOne(name: SubjectName, { stage, options, say }: Bench): Promise<Killed> {
  await using subject = await openSubject(name, stage);
  const target = {
    port: subject.port,
    kill: () => subject.kill("SIGKILL"),
    restart: () => subject.restart(),
  };
  const rounds = await runKillRounds({
    target,
    rounds: options.killRounds,
    messages: options.killMessages,
    random: Math.random,
    onRound({ acknowledged, delivered, faults }) {
      const outcome = faults.length > 0 ? faults.join("; ") : "all there";
      say(`kill, ${name}: ${acknowledged} acknowledged, ${delivered} came: ${outcome}`);
    },
  });
  return { subject: name, rounds };
}

function buildRows(all: readonly Killed[]): string[][] {
  const head = ["broker", "sent", "acknowledged", "came", "came again", "rounds with a fault"];
  const rows = all.map(({ subject, rounds }) => {
    const sum = (value: (round: KillRound) => number) => {
      return rounds.reduce((total, round) => total + value(round), 0).toLocaleString("en");
    };
    const faulty = rounds.filter(({ faults }) => faults.length > 0).length;
    return [
      SUBJECTS[subject],
      sum(({ sent }) => sent),
      sum(({ acknowledged }) => acknowledged),
      sum(({ delivered }) => delivered),
      sum(({ repeated }) => repeated),
      `${faulty} of ${rounds.length}`,
    ];
  });
  return [head, ...rows];
}

function listFaults({ subject, rounds }: Killed): string[] {
  return rounds.flatMap(({ faults }, at) => {
    return faults.length > 0 ? [`${SUBJECTS[subject]}, round ${at + 1}: ${faults.join("; ")}`] : [];
  });
}
