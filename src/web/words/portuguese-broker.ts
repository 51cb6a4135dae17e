// Brazilian Portuguese words of the page "Broker".

import type { SameWords } from "./dictionary.ts";
import type { englishBroker } from "./english-broker.ts";

export const portugueseBroker: SameWords<typeof englishBroker> = {
  title: "Broker",
};
