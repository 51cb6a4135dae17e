// The frame of the explorer: the header, the page that the address names, and what lies above all.

import { useEffect } from "preact/hooks";
import { BrokerPage } from "../broker/broker-page.tsx";
import { FlowPage } from "../flow/flow-page.tsx";
import { HandlersPage } from "../handlers/handlers-page.tsx";
import type { Live } from "../live/live.ts";
import { PublishPage } from "../publish/publish-page.tsx";
import { RetainedPage } from "../retained/retained-page.tsx";
import { StagePage } from "../stage/stage-page.tsx";
import { TopicsPage } from "../topics/topics-page.tsx";
import { followLanguage } from "../words/reader-language.ts";
import { say } from "../words/words.ts";
import { Header } from "./header.tsx";
import { Help } from "./help.tsx";
import { followKeys } from "./keyboard.ts";
import { Notices } from "./notices.tsx";
import { followAddress, type PageName, route, toHash } from "./route.ts";
import { followTheme } from "./theme.ts";
import { TokenForm } from "./token-form.tsx";

export type ShellProps = { readonly live: Live };

const VIEWS = {
  topics: TopicsPage,
  publish: PublishPage,
  flow: FlowPage,
  handlers: HandlersPage,
  retained: RetainedPage,
  broker: BrokerPage,
  stage: StagePage,
} satisfies Record<PageName, unknown>;

export function Shell({ live }: ShellProps) {
  useEffect(() => {
    const root = document.documentElement;
    const ends = [followLanguage(root), followTheme(root), followAddress(), followKeys()];
    return () => {
      for (const end of ends) end();
    };
  }, []);
  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById("main")?.focus()}>
        {say("shell.skip")}
      </button>
      {route.value.page !== "stage" && <Header live={live} />}
      <main id="main" tabIndex={-1} data-page={route.value.page}>
        <CurrentPage live={live} />
      </main>
      <Notices />
      <Help />
    </>
  );
}

function CurrentPage({ live }: ShellProps) {
  const access = live.access.state.value;
  if (access.kind === "asked") return <TokenForm access={live.access} error={access.error} />;
  const { page } = route.value;
  if (page === undefined) {
    return (
      <p>
        {say("shell.noPage")} <a href={toHash("topics")}>{say("shell.toTopics")}</a>
      </p>
    );
  }
  const View = VIEWS[page];
  return <View key={page} live={live} />;
}
