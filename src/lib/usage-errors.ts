// What is wrong with how the program was called: nothing was started. Part of the catalogue.

import type { ErrorKind } from "./error-kind.ts";

export const USAGE_ERRORS = {
  command_unknown: {
    message: "there is no command '{given}'",
    hint: "did you mean '{nearest}'? All commands: viaduto --help",
    exitCode: 2,
  },
  document_unknown: {
    message: "there is no document '{given}'",
    hint: "did you mean '{nearest}'? There is viaduto docs openapi, and viaduto docs asyncapi",
    exitCode: 2,
  },
  flag_unknown: {
    message: "there is no flag '{given}'",
    hint: "did you mean '{nearest}'? All flags: viaduto {command} --help",
    exitCode: 2,
  },
  argument_unexpected: {
    message: "'{given}' was not expected here",
    hint: "see viaduto {command} --help",
    exitCode: 2,
  },
  argument_missing: {
    message: "{what} is missing",
    hint: "for example: {example}",
    exitCode: 2,
  },
  option_invalid: {
    message: "{name} is '{given}' (from {source}), but must be {allowed}",
    hint: "set {name} to {allowed}, or leave it out",
    exitCode: 2,
  },
  file_key_unknown: {
    message: "{file} has an unknown key '{given}'",
    hint: "did you mean '{nearest}'? All keys: viaduto config",
    exitCode: 2,
  },
  file_unreadable: {
    message: "{file} cannot be read: {reason}",
    hint: "check the path, its permissions and its syntax",
    exitCode: 2,
  },
  flags_conflict: {
    message: "{one} and {other} exclude each other",
    hint: "give only one of them; all flags: viaduto {command} --help",
    exitCode: 2,
  },
  tls_incomplete: {
    message: "{given} is given without {missing}",
    hint: "TLS needs a certificate and its key: add {missing} ({variable}), or leave {given} out",
    exitCode: 2,
  },
  plugin_doubled: {
    message: "the app has two bridges: viaduto(…) was called twice for it",
    hint: "give one viaduto(…) all handlers, and use its plugin wherever the app needs mqtt",
    exitCode: 2,
  },
  listen_public_refused: {
    message: "refusing to listen on {host}: {missing} is missing, so everyone there could come in",
    hint: "{remedy}; or --lan, which makes them; or accept the danger with --allow-anonymous",
    exitCode: 2,
  },
  port_taken: {
    message: "port {port} on {host} is taken, so {what} cannot listen there",
    hint: "{remedy}",
    exitCode: 2,
  },
  address_unavailable: {
    message: "{what} cannot listen on {host}:{port}: {reason}",
    hint: "choose an address of this machine, and a port above 1023 when not root",
    exitCode: 2,
  },
  arrival_timeout: {
    message: "{received} of {wanted} messages came within {seconds} s",
    hint: "is somebody publishing there? viaduto sub -v -t '#' shows every topic",
    exitCode: 3,
  },
  output_unwritable: {
    message: "the output cannot be written: {reason}",
    hint: "is the disk full?",
  },
  file_exists: {
    message: "{file} is there already",
    hint: "nothing was written over; choose another name, or remove it first",
    exitCode: 2,
  },
  file_unwritable: {
    message: "{file} cannot be written: {reason}",
    hint: "check the path, its permissions and the space on the disk",
  },
  password_line_invalid: {
    message: "{file}:{line} is no line of a password file: {reason}",
    hint: "a line is user:hash, made by viaduto passwd or mosquitto_passwd; '#' begins a comment",
    exitCode: 2,
  },
  acl_line_invalid: {
    message: "{file}:{line} is no line of an ACL file: {reason}",
    hint: "a line is user <name>, or topic or pattern, [read|write|readwrite|deny], <filter>",
    exitCode: 2,
  },
  username_invalid: {
    message: "the user name '{given}' {reason}",
    hint: "nothing was written; choose a name without ':' and control characters",
    exitCode: 2,
  },
  password_invalid: {
    message: "the password cannot be used: {reason}",
    hint: "nothing was written; try again with another, or type it with more care",
    exitCode: 2,
  },
  user_unknown: {
    message: "{file} has no user '{given}'",
    hint: "nothing was written; in each line the user stands before the ':'",
  },
  bundle_missing: {
    message: "this viaduto carries no starter folder",
    hint: "it runs from source: make dist/bundled-files.txt first, with bun run build",
    exitCode: 2,
  },
  starter_missing: {
    message: "{folder} has no tsconfig.json, so its tests do not find viaduto",
    hint: "make one with: viaduto init; it keeps every file that is there",
    exitCode: 2,
  },
  handlers_missing: {
    message: "there is no folder {folder}",
    hint: "make one with: viaduto init; or name another with --handlers",
    exitCode: 2,
  },
  handler_unloadable: {
    message: "{where} {reason}",
    hint: "{remedy}",
  },
  folder_unwatchable: {
    message: "{folder} cannot be watched for changes: {reason}",
    hint: "raise the system's limit of watches, or leave --watch out and restart after a change",
  },
  store_unusable: {
    message: "{file} cannot be used: {reason}",
    hint: "restore it from a copy, move it away, or choose another folder with --data",
    exitCode: 2,
  },
  query_invalid: {
    message: "the query is not valid: {reason}",
    hint: "correct it in the URL, or leave it out",
    httpStatus: 400,
  },
  bridge_unreachable: {
    message: "no bridge answers at {url}: {reason}",
    hint: "start it with: viaduto; or say where it listens, with --host and --port",
  },
  bridge_refused: {
    message: "the bridge says: {reason}",
    hint: "{remedy}",
  },
  check_failed: {
    message: "of {files} files, {count} cannot be loaded",
    hint: "see above for what and where",
  },
} as const satisfies Record<string, ErrorKind>;
