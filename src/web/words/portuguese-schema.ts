// Brazilian Portuguese words for what a JSON Schema asks for.

import type { SameWords } from "./dictionary.ts";
import type { englishSchema } from "./english-schema.ts";

export const portugueseSchema: SameWords<typeof englishSchema> = {
  is_string: "É preciso um texto.",
  is_number: "É preciso um número.",
  is_integer: "É preciso um número inteiro.",
  is_boolean: "É preciso true ou false.",
  is_object: "É preciso um objeto: {…}.",
  is_array: "É preciso uma lista: […].",
  is_null: "Só null cabe aqui.",
  missing: "Isto é necessário.",
  unknown_member: "Não há {name} neste tipo.",
  choice: "Um destes: {values}.",
  variant: "Nenhum dos tipos cabe.",
  forbidden: "Justamente isto não é permitido.",
  at_least: "No mínimo {limit}.",
  at_most: "No máximo {limit}.",
  more_than: "Mais de {limit}.",
  less_than: "Menos de {limit}.",
  range: "{from} a {to}",
  multiple: "Um múltiplo de {limit}.",
  characters_min: { one: "No mínimo {count} caractere.", other: "No mínimo {count} caracteres." },
  characters_max: { one: "No máximo {count} caractere.", other: "No máximo {count} caracteres." },
  pattern: "Conforme o padrão {pattern}.",
  format: "Conforme o formato {format}.",
  format_as: "Escrito como {example}.",
  entries_min: { one: "No mínimo {count} item.", other: "No mínimo {count} itens." },
  entries_max: { one: "No máximo {count} item.", other: "No máximo {count} itens." },
  unique: "Nenhum item pode aparecer duas vezes.",
  members_min: { one: "No mínimo {count} membro.", other: "No mínimo {count} membros." },
  members_max: { one: "No máximo {count} membro.", other: "No máximo {count} membros." },
};
