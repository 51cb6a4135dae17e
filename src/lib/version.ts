// The version of this build. Named imports, so that a bundle has the version and nothing else.

import { version } from "../../package.json" with { type: "json" };

export const VERSION: string = version;
