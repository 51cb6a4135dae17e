// The keys of the stage; they go before those of the page. Followed by stage-page.tsx.

import { isDialogOpen, isWriting } from "../shell/keyboard.ts";
import { goTo } from "../shell/route.ts";
import { SPEEDS, type Speed, type Stage } from "./stage.ts";

export type JoinSwitch = { value: boolean };

/** Follows the keys until it is ended. */
export function followStageKeys(stage: Stage, isJoinOpen: JoinSwitch): () => void {
  const keys = toKeys(stage, isJoinOpen);
  const follow = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isDialogOpen()) return;
    const { target, key } = event;
    if (isWriting(target)) return leaveField(event);
    // A button that is chosen is pressed by it.
    if (key === " " && target instanceof HTMLElement && target.matches("button, a")) return;
    const act = keys.get(key);
    if (!act) return;
    event.preventDefault();
    act();
  };
  addEventListener("keydown", follow, { capture: true });
  return () => removeEventListener("keydown", follow, { capture: true });
}

function toKeys(stage: Stage, isJoinOpen: JoinSwitch): ReadonlyMap<string, () => void> {
  const leave = () => goTo("topics");
  return new Map([
    [" ", () => togglePause(stage)],
    ["m", () => slowDown(stage)],
    ["f", toggleFullscreen],
    ["q", () => toggleJoin(isJoinOpen)],
    ["s", leave],
    ["Escape", () => (isJoinOpen.value ? toggleJoin(isJoinOpen) : leave())],
  ]);
}

export function toggleJoin(isJoinOpen: JoinSwitch): void {
  isJoinOpen.value = !isJoinOpen.value;
}

export function togglePause({ isPaused }: Stage): void {
  isPaused.value = !isPaused.value;
}

/** To the next slower speed, and from the slowest back. */
export function slowDown({ speed }: Stage): void {
  const next: Speed | undefined = SPEEDS[SPEEDS.indexOf(speed.value) + 1];
  speed.value = next ?? SPEEDS[0];
}

/** A browser may refuse it; then the page stays as it is. */
export function toggleFullscreen(): void {
  const done = document.fullscreenElement
    ? document.exitFullscreen()
    : document.documentElement.requestFullscreen();
  done.catch(() => {});
}

function leaveField({ key, target }: KeyboardEvent): void {
  if (key === "Escape" && target instanceof HTMLElement) target.blur();
}
