// The explorer: the page that a browser is shown at GET /, and its files below /explorer/. Both are
// for everyone, since there is no data in them: what the page shows it asks of the other routes,
// and those ask for the token. Its HTML is answered by health-route.ts, where GET / is.

import { Elysia } from "elysia";
import { ViadutoError } from "../lib/errors.ts";
import explorerPage from "../web/explorer.html";
import {
  answerFile,
  answerPage,
  type ImportedPage,
  loadPage,
  type PageFiles,
  wantsPage,
} from "./page-files.ts";

export type ExplorerPage = { readonly load: () => Promise<PageFiles> };

const FILES_FOLDER = "explorer/";

/** The page with its files, read when somebody first asks. */
export function createExplorerPage(): ExplorerPage {
  let files: Promise<PageFiles> | undefined;
  return {
    load() {
      files ??= loadPage(explorerPage as ImportedPage, FILES_FOLDER);
      return files;
    },
  };
}

/** Answers with the page whoever wants one; undefined for everybody else. */
export async function showExplorer(
  request: Request,
  page: ExplorerPage,
): Promise<Response | undefined> {
  return wantsPage(request) ? answerPage(await page.load()) : undefined;
}

/** GET /explorer/<file>. Answers `route_unknown`. */
export function explorerRoute(page: ExplorerPage) {
  return new Elysia().get(
    "/explorer/*",
    async ({ request }) => {
      const answer = answerFile(await page.load(), request);
      if (answer) return answer;
      throw new ViadutoError("route_unknown", {
        method: "GET",
        path: new URL(request.url).pathname,
      });
    },
    { detail: { hide: true } },
  );
}
