// How long it takes until the explorer shows what somebody publishes: from the start of
// mosquitto_pub to the topic's row in the tree. Used by bench-explorer.ts.

import { openPage, startBrowser } from "../../test/kit/browser.ts";
import { findExecutable } from "../debian-parts.ts";

// In the page: resolves with the time at which a row with the text is there.
const WAITING = `(text) => new Promise((resolve) => {
  const look = () => {
    const tree = document.querySelector("[role=tree]");
    if (!tree?.textContent.includes(text)) return false;
    observer.disconnect();
    resolve(Date.now());
    return true;
  };
  const observer = new MutationObserver(look);
  observer.observe(document.body, { childList: true, characterData: true, subtree: true });
  look();
})`;

const FIRST_NUMBER = 9_999;

/** Milliseconds for each of so many topics, one after the other. */
export async function measureArrivals(
  url: string,
  mqttPort: number,
  count: number,
): Promise<number[]> {
  const program = findExecutable("mosquitto_pub");
  if (program === undefined) throw new Error("mosquitto_pub is not installed");
  await using started = await startBrowser();
  await using opened = await openPage(started.browser, url);
  await opened.page.getByText(/topics? kept/).waitFor();
  const waitedMs: number[] = [];
  for (let number = 0; number < count; number++) {
    // Each before the ones so far, since only the rows in the window are in the page.
    const topic = `arrival-${FIRST_NUMBER - number}-`;
    const seen = opened.page.evaluate<number>(`(${WAITING})(${JSON.stringify(topic)})`);
    const startedAtMs = Date.now();
    const command = [program, "-p", String(mqttPort), "-t", topic, "-m", "1"];
    await Bun.spawn(command, { stdio: ["ignore", "ignore", "inherit"] }).exited;
    waitedMs.push((await seen) - startedAtMs);
  }
  return waitedMs;
}
