// Brazilian Portuguese words of the page "Mensagem".

import type { SameWords } from "./dictionary.ts";
import type { englishMessage } from "./english-message.ts";

export const portugueseMessage: SameWords<typeof englishMessage> = {
  title: "Mensagem",
};
