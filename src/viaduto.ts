// The public module of the package: the language, and the bridge as a plugin for one's own app. The
// binary gives the files of a handler folder the language alone.

export { type Mqtt, type ViadutoOptions, viaduto } from "./app/plugin.ts";
export * from "./topics/language.ts";
