// Lends this program's own modules to files that are loaded from disk: a handler file that imports
// "viaduto" gets the very module that runs here, also in the compiled binary, with no node_modules
// anywhere. Called by folder. It does not load files.

/** Name → what `import * as` of it gives: "viaduto" and "viaduto/testing". */
export type LentModules = Readonly<Record<string, object>>;

/** From now on, an import of these names gives these modules, in the whole process. */
export function lendModules(modules: LentModules): void {
  Bun.plugin({
    name: "viaduto",
    setup(build) {
      for (const [name, exports] of Object.entries(modules)) {
        build.module(name, () => ({ exports: { ...exports }, loader: "object" }));
      }
    },
  });
}
