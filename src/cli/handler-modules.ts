// What files of the handler folder may import by name. Given to the folder by serve and check.

import * as viaduto from "../topics/language.ts";

export const HANDLER_MODULES = { viaduto } as const;
