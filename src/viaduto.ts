// The public module of the package: the language, and the bridge as a plugin for one's own app. The
// binary gives the files of a handler folder the language alone.

export { type Mqtt, type ViadutoOptions, viaduto } from "./app/plugin.ts";
/** The routes as Elysia's Eden client takes them: `treaty<ViadutoApp>("http://127.0.0.1:8080")`. */
export type { Routes as ViadutoApp } from "./http/routes.ts";
export * from "./topics/language.ts";
