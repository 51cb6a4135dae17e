// Brings changes of the handler folder to the dispatcher and to the link while the bridge runs.
// Called by bridge.ts. It loads nothing itself.

import type { Dispatcher } from "../handlers/dispatcher.ts";
import type { FolderContent, HandlerFolder } from "../handlers/folder.ts";
import type { Logger } from "../lib/log.ts";
import type { Link } from "../link/link.ts";

/**
 * Takes over each change of the folder. Disposing ends that, and the folder; it waits neither for a
 * file that is being loaded nor for the broker.
 */
export function openReload(
  folder: HandlerFolder,
  dispatcher: Dispatcher,
  link: Link,
  log: Logger,
): AsyncDisposable {
  const closed = new AbortController();
  const take = async (content: FolderContent) => {
    // To the dispatcher first, so that no message finds no handler.
    const { subscriptions, fresh } = dispatcher.replace(content, link.generation + 1);
    await link.setSubscriptions(subscriptions, fresh);
  };
  const run = async () => {
    for await (const content of folder.changes()) {
      if (closed.signal.aborted) return;
      // What goes wrong with one change is no reason to miss the next.
      await take(content).catch((error) => log.problem("error", error));
    }
  };
  void run();
  return {
    async [Symbol.asyncDispose]() {
      closed.abort();
      await folder[Symbol.asyncDispose]();
    },
  };
}
