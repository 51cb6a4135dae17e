// One route of the OpenAPI document: what it takes and answers, the line for a shell, and a form
// that sends it.

import {
  buildRequest,
  type Operation,
  type Parameter,
  toCurlLine,
  toExampleValues,
  type Values,
} from "./curl-line.ts";
import { type Content, make, makeLine, makeWords } from "./elements.ts";
import { makeSchema } from "./schema-view.ts";
import { makeSender } from "./sender.ts";

export type RouteFacts = {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
  /** The bridge's address, with the path below which it lies. */
  readonly base: string;
  readonly root: unknown;
  readonly getToken: () => string;
};

export function makeRoute(facts: RouteFacts): HTMLElement {
  const { method, path, operation } = facts;
  const { operationId, summary = "", description = "" } = operation;
  return make(
    "article",
    { id: operationId, "aria-labelledby": `${operationId}-title` },
    make(
      "h3",
      { id: `${operationId}-title` },
      make("span", { class: `method ${method}` }, method.toUpperCase()),
      " ",
      make("code", {}, path),
    ),
    make("p", { class: "summary" }, make("strong", {}, `${summary}.`), " ", makeWords(description)),
    make(
      "div",
      { class: "sides" },
      make("div", {}, makeBodyFields(facts), makeAnswers(facts)),
      makeForm(facts),
    ),
  );
}

function makeBodyFields({ operation, root }: RouteFacts): Content {
  const [media] = Object.values(operation.requestBody?.content ?? {});
  if (!media?.schema || Object.keys(media.schema).length === 0) return undefined;
  return make(
    "details",
    { class: "body", open: true },
    make("summary", {}, "Body"),
    makeSchema(media.schema, root),
  );
}

function makeAnswers({ operation, root }: RouteFacts): Content {
  const rows = Object.entries(operation.responses ?? {}).map(([status, answer]) => {
    const [schema] = Object.values(answer.content ?? {}).map((media) => media.schema);
    const isProblem = Number(status) >= 400;
    const words = make("span", { class: "words" }, makeWords(answer.description));
    const head = [make("span", { class: `status s${status[0]}` }, status), " "];
    if (!schema?.properties && !isProblem) return make("li", {}, head, words);
    if (isProblem) {
      const codes = answer.description.split("; ").map((one) => make("li", {}, makeWords(one)));
      return make(
        "li",
        {},
        make("details", {}, makeSummary(head, answer.description), make("ul", {}, codes)),
      );
    }
    const open = make("summary", {}, head, words);
    return make("li", {}, make("details", {}, open, makeSchema(schema ?? {}, root)));
  });
  return [make("h4", {}, "Answers"), make("ul", { class: "answers" }, rows)];
}

// Of an error its codes; what they mean stands behind them.
function makeSummary(head: Content, description: string): HTMLElement {
  const codes = [...description.matchAll(/`([^`]+)`:/g)].map(([, code = ""]) => code);
  return make("summary", {}, head, make("span", { class: "words" }, codes.join(", ")));
}

function makeForm(facts: RouteFacts): HTMLElement {
  const { method, path, operation, base, getToken } = facts;
  const start = toExampleValues(operation);
  const fields = (operation.parameters ?? []).map((one) => makeField(one, start));
  const body = operation.requestBody && makeBody(start.body);
  const line = makeLine("curl", "");
  const read = () => {
    const values: Values = {
      parameters: Object.fromEntries(fields.map(({ name, input }) => [name, input.value])),
      body: body?.value ?? "",
    };
    return buildRequest(method, path, operation, values);
  };
  const update = () => line.update(toCurlLine(read(), base, getToken() === "" ? "" : "<token>"));
  const sender = makeSender(read, base, getToken);
  const form = make(
    "form",
    { "aria-label": `try ${operation.operationId}` },
    fields.map(({ label }) => label),
    body ? make("label", {}, "body", body) : undefined,
    make("div", { class: "buttons" }, sender.buttons),
    line.element,
    sender.output,
  );
  form.addEventListener("input", update);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void sender.send();
  });
  document.addEventListener("token", update);
  update();
  return form;
}

function makeField(
  { name, in: place, required, description, schema, example }: Parameter,
  start: Values,
) {
  const value = start.parameters[name] ?? "";
  const choices = Array.isArray(schema?.enum) ? schema.enum.map(String) : undefined;
  const input = choices
    ? make(
        "select",
        {},
        make("option", { value: "" }, "–"),
        choices.map((one) => make("option", {}, one)),
      )
    : make("input", {
        value,
        required: required === true,
        spellcheck: "false",
        placeholder: String(example ?? schema?.default ?? ""),
      });
  const hint = make("span", { class: "hint" }, required ? place : `${place}, optional`);
  const words = description === undefined ? "" : make("span", { class: "hint" }, description);
  return { name, input, label: make("label", {}, make("code", {}, name), " ", hint, input, words) };
}

function makeBody(text: string): HTMLTextAreaElement {
  const body = make("textarea", { rows: "3", spellcheck: "false" });
  body.value = text;
  return body;
}
