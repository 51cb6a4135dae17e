// Debian's Chromium, without a window, for pages of the bridge. Nothing it asks for leaves this
// machine: whatever is not of the page's own origin is refused, and told.

import { type Browser, chromium, type Page } from "playwright-core";
import { findExecutable } from "../../scripts/debian-parts.ts";

export type OpenedPage = AsyncDisposable & {
  readonly page: Page;
  /** Requests to anywhere but the origin; they were refused. */
  readonly foreign: readonly string[];
  /** What the page threw, and what the browser refused it, as for its Content-Security-Policy. */
  readonly problems: readonly string[];
};

export type PageOptions = {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: "light" | "dark";
  /** The language of the browser. */
  readonly locale?: string;
};

/** How long a page may keep a test waiting: less than the test has, so that it says for what. */
const WAIT_MS = 20_000;

/** A browser; it leaves with `await using`. */
export async function startBrowser(): Promise<AsyncDisposable & { readonly browser: Browser }> {
  const executablePath = findExecutable("chromium");
  if (executablePath === undefined) throw new Error("chromium is not installed");
  // Root has no sandbox. Without background networking it talks to nobody on its own account.
  const args = ["--no-sandbox", "--disable-background-networking"];
  const browser = await chromium.launch({ executablePath, args });
  return { browser, [Symbol.asyncDispose]: () => browser.close() };
}

/** A page, loaded, with the network cut but for its origin. */
export async function openPage(
  browser: Browser,
  url: string,
  { width = 1_280, height = 800, colorScheme = "light", locale = "en-US" }: PageOptions = {},
): Promise<OpenedPage> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme,
    locale,
  });
  const page = await context.newPage();
  const foreign: string[] = [];
  const problems: string[] = [];
  await context.route("**/*", async (route) => {
    const asked = route.request().url();
    if (new URL(asked).origin === new URL(url).origin) return route.continue();
    foreign.push(asked);
    return route.abort();
  });
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => {
    const { url } = message.location();
    if (message.type() === "error") problems.push(`${message.text()} ${url}`);
  });
  page.setDefaultTimeout(WAIT_MS);
  await page.goto(url);
  return { page, foreign, problems, [Symbol.asyncDispose]: () => context.close() };
}
