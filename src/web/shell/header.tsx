// The head of every page: name, connection, pages, and the switches of language and theme.

import { useEffect, useRef } from "preact/hooks";
import type { Live } from "../live/live.ts";
import { chooseLanguage, LANGUAGES, type Language, language } from "../words/reader-language.ts";
import { say } from "../words/words.ts";
import { ConnectionLine } from "./connection-line.tsx";
import { isHelpOpen } from "./keyboard.ts";
import { PAGES, route, toHash } from "./route.ts";
import { chooseTheme, THEMES, type Theme, theme } from "./theme.ts";

export type HeaderProps = { readonly live: Live };

const THEME_WORDS = {
  system: "shell.themeSystem",
  light: "shell.themeLight",
  dark: "shell.themeDark",
} as const satisfies Record<Theme, string>;

export function Header({ live }: HeaderProps) {
  const nav = useRef<HTMLElement>(null);
  // On a phone the pages do not fit beside each other: the one that is shown is in sight.
  useEffect(() => {
    nav.current?.querySelector("[aria-current]")?.scrollIntoView({ inline: "center" });
  }, [route.value.page]);
  return (
    <header class="head">
      <a class="name" href={toHash("topics")}>
        viaduto
      </a>
      <ConnectionLine live={live} />
      <Switches />
      <nav ref={nav} aria-label={say("shell.pages")}>
        {PAGES.map((page) => (
          <a
            key={page}
            href={toHash(page)}
            aria-current={route.value.page === page ? "page" : undefined}
          >
            {say(`shell.${page}`)}
          </a>
        ))}
        <a href="docs">{say("shell.routes")}</a>
      </nav>
    </header>
  );
}

function Switches() {
  const showHelp = () => {
    isHelpOpen.value = true;
  };
  return (
    <div class="switches">
      <select
        aria-label={say("shell.language")}
        value={language.value}
        onChange={({ currentTarget }) => chooseLanguage(currentTarget.value as Language)}
      >
        {Object.entries(LANGUAGES).map(([code, name]) => (
          <option key={code} value={code} lang={code}>
            {name}
          </option>
        ))}
      </select>
      <select
        aria-label={say("shell.theme")}
        value={theme.value}
        onChange={({ currentTarget }) => chooseTheme(currentTarget.value as Theme)}
      >
        {THEMES.map((one) => (
          <option key={one} value={one}>
            {say(THEME_WORDS[one])}
          </option>
        ))}
      </select>
      <button type="button" aria-label={say("shell.help")} onClick={showHelp}>
        ?
      </button>
    </div>
  );
}
