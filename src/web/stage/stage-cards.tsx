// The last messages, as cards that can be read from the last row.

import type { Live } from "../live/live.ts";
import { formatAge, formatBytes } from "../words/quantities.ts";
import { say } from "../words/words.ts";
import type { ColouredCard, Stage } from "./stage.ts";
import type { ValueWords } from "./stage-words.ts";

export type StageCardsProps = { readonly live: Live; readonly stage: Stage };

export function StageCards({ live, stage }: StageCardsProps) {
  const cards = stage.cards.value;
  return (
    <section class="stage-cards" aria-label={say("stage.lastMessages")}>
      {cards.map((card) => (
        <Card key={card.topic} card={card} nowMs={stage.isPaused.value ? 0 : live.now.value} />
      ))}
    </section>
  );
}

type CardProps = { readonly card: ColouredCard; readonly nowMs: number };

function Card({ card: { topic, hue, words, atMs }, nowMs }: CardProps) {
  return (
    <article class={`stage-card ${hue === undefined ? "from-handler" : `hue-${hue}`}`}>
      <h3>
        <span>{topic}</span>
        {nowMs > 0 && <small>{say("stage.ago", { age: formatAge(nowMs - atMs) })}</small>}
      </h3>
      <Value words={words} />
    </article>
  );
}

export function Value({ words }: { readonly words: ValueWords }) {
  switch (words.kind) {
    case "empty":
      return <p class="stage-value soft">{say("stage.empty")}</p>;
    case "binary": {
      const size = formatBytes(words.bytes);
      return <p class="stage-value soft">{say("stage.binary", { size })}</p>;
    }
    case "text": {
      const length = words.text.length <= 16 ? "short" : "long";
      return <p class={`stage-value ${length}`}>{words.text}</p>;
    }
    case "fields":
      return (
        <dl class={`stage-value rows-${words.fields.length}`}>
          {words.fields.map(({ name, text }) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{text}</dd>
            </div>
          ))}
          {words.more > 0 && (
            <div class="soft">
              <dt>…</dt>
              <dd>{say("stage.moreFields", { count: words.more })}</dd>
            </div>
          )}
        </dl>
      );
    default:
      return words satisfies never;
  }
}
