// Every option, once. Flags, environment names, help, checks and the manual come from this table.
// The key `mqttPort` is the flag `--mqtt-port`; `stopTimeoutMs` is `--stop-timeout`,
// since help names the unit.

import { type Static, Type } from "@sinclair/typebox";
import { LOG_LEVELS } from "../lib/log.ts";
import { BROKER_OPTIONS } from "./broker-options.ts";
import { CALL_OPTIONS } from "./call-options.ts";
import { DOCUMENT_OPTIONS } from "./document-options.ts";
import { DOOR_OPTIONS } from "./door-options.ts";
import { EMBEDDED_LIMIT_OPTIONS } from "./embedded-limit-options.ts";
import { FLOW_OPTIONS } from "./flow-options.ts";
import { HISTORY_OPTIONS } from "./history-options.ts";
import { LIMIT_OPTIONS } from "./limit-options.ts";
import { LISTENING_OPTIONS } from "./listening-options.ts";
import { choice, onOff, optionalText, text } from "./option-kinds.ts";
import { RETAINED_OPTIONS } from "./retained-options.ts";
import { STREAM_OPTIONS } from "./stream-options.ts";
import { TRACING_OPTIONS } from "./tracing-options.ts";

const LOGGING = { group: "Logging" } as const;
const FILES = { group: "Files" } as const;

export const SCHEMA = Type.Object({
  ...BROKER_OPTIONS,
  ...LISTENING_OPTIONS,
  ...DOOR_OPTIONS,
  ...DOCUMENT_OPTIONS,
  data: text({
    ...FILES,
    description:
      "folder for what is kept: the embedded broker's sessions and messages, dead letters, the " +
      "history, and what is subscribed; :memory: keeps nothing",
    placeholder: "folder",
    environment: ["DATA_DIR"],
    default: "./viaduto-data",
  }),
  durability: choice(["full", "normal", "off"], {
    ...FILES,
    description:
      "what the embedded broker's acknowledgement of QoS 1 and 2 promises: full: it is on the " +
      "disk and survives a power cut; normal: it survives the end of this process; off: it is " +
      "written when there is time",
    environment: ["DURABILITY"],
    default: "full",
  }),
  handlers: optionalText({
    ...FILES,
    description: "folder of typed handlers, .ts files; without one the built-in handler runs",
    placeholder: "folder",
    environment: ["HANDLERS_DIR"],
    defaultText: "./handlers, if there",
  }),
  watch: onOff({
    ...FILES,
    description: "load handlers again when one of their files changes",
    environment: ["WATCH"],
  }),
  config: optionalText({
    ...FILES,
    description: "file with options, in YAML, TOML or JSON; its keys are the names of the flags",
    placeholder: "file",
    environment: [],
    defaultText: "viaduto.config.yaml, .toml or .json in this folder, if there",
  }),
  logLevel: choice(LOG_LEVELS, {
    ...LOGGING,
    description: "the least important lines that are shown",
    environment: ["LOG_LEVEL"],
    default: "info",
  }),
  logFormat: Type.Optional(
    choice(["text", "json"], {
      ...LOGGING,
      description: "lines for people or for machines",
      environment: ["LOG_FORMAT"],
      defaultText: "text on a terminal, else json",
    }),
  ),
  ...TRACING_OPTIONS,
  ...LIMIT_OPTIONS,
  ...CALL_OPTIONS,
  ...HISTORY_OPTIONS,
  ...STREAM_OPTIONS,
  ...RETAINED_OPTIONS,
  ...FLOW_OPTIONS,
  ...EMBEDDED_LIMIT_OPTIONS,
});

/** The values as the schema types them, before defaults that depend on the machine. */
export type OptionValues = Static<typeof SCHEMA>;
export type OptionKey = keyof OptionValues;
