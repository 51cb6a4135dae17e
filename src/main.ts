// The program: arguments → command → exit code. Errors become words here, and nowhere below.
//
// A map of the tree, top to bottom. A file imports from its own folder and from those below it.
//
//   main.ts     this file
//   cli/        what a person types: one command, one file, over one table of commands
//   viaduto.ts  the public module: the language, and the bridge as a plugin for one's own app
//   testing.ts  the public test kit, with testing/
//   starter/    what `viaduto init` writes
//   app.ts      opens the bridge (app/) and HTTP on it; closes them in reverse
//   http/       Elysia: publish, values, streams, handlers, dead letters; errors as problem+json
//   web/        what runs in a browser: the explorer (shell/ its frame, live/ what it knows of the
//               bridge, a folder for each page, words/ in two languages) and docs/
//   handlers/   loads handlers and runs them: finds, decodes, orders, tries again, gives up
//   link/       the one shared MQTT client: connection, inbox, outbox, subscriptions, requests
//   broker/     the embedded broker: listeners, limits, and the pipe to the link
//   access/     who may log in at the embedded broker and do what: Mosquitto's own files
//   tracing/    spans for whoever traces: OpenTelemetry, loaded when it is asked for
//   store/      what passes: last values, history, who watches; dead letters, keys, on disk
//   topics/     the language, no I/O: topic, handler, pattern, codec, message
//   config/     every option once, and how flags, environment and file become settings
//   lib/        errors (one catalogue), log, and small things that know nothing of the product

import { runCommandLine } from "./cli/command-line.ts";
import { toViadutoError } from "./lib/errors.ts";
import { escapeControl } from "./lib/log.ts";

// A reader that has left (EPIPE) has what it wanted; a full disk is a failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") return;
  process.stderr.write(`viaduto: the output cannot be written: ${error.message}\n`);
  process.exitCode = 1;
});

try {
  process.exitCode = await runCommandLine(process.argv.slice(2));
} catch (thrown) {
  const error = toViadutoError(thrown);
  process.stderr.write(`viaduto: ${escapeControl(error.message)}\n`);
  process.stderr.write(`  → ${escapeControl(error.hint)}\n`);
  // A defect: whoever reports it needs the place.
  if (error.code === "internal" && thrown instanceof Error) {
    process.stderr.write(`${thrown.stack}\n`);
  }
  // Not process.exit, which would cut off what a slow pipe has not taken yet.
  process.exitCode = error.exitCode;
}
