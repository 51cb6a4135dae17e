// Leaves the package `debug` out of the binary. mqtt.js calls it several times for each packet,
// even when nothing listens: a fifth of its CPU. Remove when mqtt.js asks first whether it is on.

const SILENT_DEBUG = `
  const log = Object.assign(() => {}, { enabled: false, extend: () => log, destroy: () => true });
  module.exports = Object.assign(() => log, {
    enable() {}, disable: () => "", enabled: () => false, formatters: {},
  });
  module.exports.debug = module.exports.default = module.exports;
`;

export const withoutDebug: Bun.BunPlugin = {
  name: "without-debug",
  setup(build) {
    build.onResolve({ filter: /^debug$/ }, () => ({ path: "debug", namespace: "without-debug" }));
    build.onLoad({ filter: /.*/, namespace: "without-debug" }, () => ({
      loader: "js",
      contents: SILENT_DEBUG,
    }));
  },
};
