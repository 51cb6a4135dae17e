// Light, dark, or as the system says. The colours are in ground.css.

import { effect, signal } from "@preact/signals";
import { keepText, readKept } from "../live/kept-text.ts";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const KEY = "theme";

export const theme = signal<Theme>(THEMES.find((one) => one === readKept(KEY)) ?? "system");

export function chooseTheme(next: Theme): void {
  theme.value = next;
  keepText(KEY, next);
}

export function followTheme(root: HTMLElement): () => void {
  return effect(() => {
    root.dataset.theme = theme.value;
  });
}
