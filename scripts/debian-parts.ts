// The Debian packages that the tests talk to: finds what is missing and installs it where it may.
// Called by scripts/test.ts, or alone: `bun scripts/debian-parts.ts`. Never leaves a service
// running, and never asks for a password: without root it only says what is missing.

import { rm, writeFile } from "node:fs/promises";

export type DebianPart = {
  readonly name: string;
  readonly executables: readonly string[];
  /** What is skipped without it. */
  readonly suites: string;
};

export const DEBIAN_PARTS: readonly DebianPart[] = [
  {
    name: "mosquitto",
    executables: ["mosquitto", "mosquitto_passwd"],
    suites: "everything that runs against Mosquitto",
  },
  {
    name: "mosquitto-clients",
    executables: ["mosquitto_pub", "mosquitto_sub", "mosquitto_rr"],
    suites: "everything that Mosquitto's command line clients take part in",
  },
  {
    name: "nats-server",
    executables: ["nats-server"],
    suites: "everything that runs against NATS",
  },
  {
    name: "chromium",
    executables: ["chromium"],
    suites: "everything that looks at a page as a browser does",
  },
];

/** Where an executable is; looks also where daemons are, which is not on everybody's PATH. */
export function findExecutable(name: string): string | undefined {
  const path = [process.env.PATH, "/usr/local/sbin", "/usr/sbin", "/sbin"].join(":");
  return Bun.which(name, { PATH: path }) ?? undefined;
}

/** The parts of which an executable is missing. */
export function findMissingParts(): readonly DebianPart[] {
  return DEBIAN_PARTS.filter((part) => !part.executables.every(findExecutable));
}

/** True when a missing part is a failure, not a reason to skip. */
export function isStrict(): boolean {
  return process.env.CI === "true";
}

/**
 * Installs what is missing when this is root with apt-get, and prints a line for each part that is
 * missing still. False when the tests may not go on without them (CI=true).
 */
export async function ensureDebianParts(): Promise<boolean> {
  const wanted = findMissingParts();
  if (wanted.length > 0 && process.getuid?.() === 0 && findExecutable("apt-get")) {
    await install(wanted.map((part) => part.name));
  }
  const missing = findMissingParts();
  for (const { name, suites } of missing) {
    const outcome = isStrict() ? "with CI=true that is a failure" : `skipped: ${suites}`;
    console.log(`${name} is missing, ${outcome} (get it: apt-get install ${name})`);
  }
  return missing.length === 0 || !isStrict();
}

async function install(names: readonly string[]): Promise<void> {
  console.log(`installing ${names.join(", ")} with apt-get`);
  await using _policy = await forbidServices();
  const wait = ["-o", "DPkg::Lock::Timeout=120"];
  await runAptGet(["update", "-q", ...wait]); // When it fails, older lists may still do.
  await runAptGet(["install", "-q", "-y", "--no-install-recommends", ...wait, ...names]);
}

async function runAptGet(args: readonly string[]): Promise<void> {
  const child = Bun.spawn(["apt-get", ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const texts = Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  const [exitCode, [stdout, stderr]] = await Promise.all([child.exited, texts]);
  if (exitCode !== 0) console.log(`apt-get ${args[0]} failed:\n${stdout}${stderr}`);
}

/**
 * Packages of servers start them at once, on the ports that people use. Debian's way to refuse is
 * this file: exit code 101 forbids every start. One that is there already is left alone.
 */
async function forbidServices(): Promise<AsyncDisposable> {
  const file = "/usr/sbin/policy-rc.d";
  try {
    await writeFile(file, "#!/bin/sh\nexit 101\n", { mode: 0o755, flag: "wx" });
  } catch {
    return { [Symbol.asyncDispose]: async () => {} }; // It exists: somebody else's policy rules.
  }
  return { [Symbol.asyncDispose]: () => rm(file, { force: true }) };
}

if (import.meta.main) process.exitCode = (await ensureDebianParts()) ? 0 : 1;
