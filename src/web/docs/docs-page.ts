// The page at /docs: asks the bridge for its two documents and shows both, the routes and the
// topics, one below the other. It asks nobody else for anything.

import type { Operation } from "./curl-line.ts";
import { find, make } from "./elements.ts";
import { makeRoute } from "./route-article.ts";
import { makeTopic, type TopicOperation } from "./topic-article.ts";

type OpenApi = {
  readonly info: { readonly title: string; readonly version: string };
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
};
type AsyncApi = { readonly operations: Readonly<Record<string, TopicOperation>> };
type Entry = {
  readonly id: string;
  readonly kind: string;
  readonly label: string;
  readonly words: string;
  readonly article: HTMLElement;
};
type Section = { readonly id: string; readonly title: string; readonly entries: readonly Entry[] };

const base = location.origin + location.pathname.replace(/\/docs\/?$/, "");
const token = find("token") as HTMLInputElement;
const getToken = () => token.value.trim();

async function load<Document>(name: string): Promise<Document> {
  const authorization = getToken() === "" ? {} : { Authorization: `Bearer ${getToken()}` };
  const response = await fetch(`${base}/${name}`, { headers: authorization });
  if (!response.ok)
    throw new Error(`${name}: ${response.status}. Does the bridge ask for a token?`);
  return response.json();
}

function listRoutes(document: OpenApi): Section[] {
  const all = Object.entries(document.paths).flatMap(([path, methods]) => {
    return Object.entries(methods).map(([method, operation]) => ({ path, method, operation }));
  });
  return document.tags.flatMap(({ name, description }) => {
    const entries = all
      .filter(({ operation }) => operation.tags?.[0] === name)
      .map(({ path, method, operation }) => ({
        id: operation.operationId,
        kind: method,
        label: path,
        words: operation.summary ?? "",
        article: makeRoute({ path, method, operation, base, root: document, getToken }),
      }));
    const title = `${name[0]?.toUpperCase()}${name.slice(1)}: ${description}`;
    return entries.length === 0 ? [] : [{ id: `tag-${name}`, title, entries }];
  });
}

function listTopics(document: AsyncApi): Section {
  const entries = Object.entries(document.operations).map(([key, operation]) => {
    const article = makeTopic(`topic-${key}`, operation, document);
    const label = article.querySelector("h3 code")?.textContent ?? key;
    const words = operation.summary ?? "";
    return { id: `topic-${key}`, kind: operation.action, label, words, article };
  });
  return { id: "topics", title: "Topics: what the handlers receive and send", entries };
}

function makeList(section: Section): HTMLElement {
  const links = section.entries.map(({ id, kind, label, words }) => {
    const name = { receive: "pub", send: "sub", delete: "del" }[kind] ?? kind;
    const badge = make("span", { class: `method ${kind}` }, name.toUpperCase());
    return make("li", {}, make("a", { href: `#${id}`, title: words }, badge, " ", label));
  });
  const title = section.title.replace(/:.*/, "");
  return make("section", {}, make("h2", {}, title), make("ul", {}, links));
}

function makeSection({ id, title, entries }: Section): HTMLElement {
  return make(
    "section",
    { id },
    make("h2", {}, title),
    entries.map(({ article }) => article),
  );
}

/** Shows of list and page only what has the words of the search. */
function filter(sections: readonly Section[], text: string): void {
  const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
  for (const { id, kind, label, words, article } of sections.flatMap(({ entries }) => entries)) {
    const told = `${kind} ${label} ${words} ${id}`.toLowerCase();
    const isHidden = !wanted.every((word) => told.includes(word));
    article.hidden = isHidden;
    const link = document.querySelector(`nav a[href="#${CSS.escape(id)}"]`);
    (link?.parentElement ?? article).hidden = isHidden;
  }
  for (const section of document.querySelectorAll<HTMLElement>("nav section, main > section")) {
    section.hidden = !section.querySelector("li:not([hidden]) a, article:not([hidden])");
  }
}

function showFiles(): void {
  const names = ["openapi.json", "asyncapi.json", "asyncapi.yaml"];
  const links = names.flatMap((name) => [make("a", { href: `${base}/${name}` }, name), " "]);
  find("files").replaceChildren(...links);
}

async function show(): Promise<void> {
  const main = find("main");
  try {
    const [routes, topics] = await Promise.all([
      load<OpenApi>("openapi.json"),
      load<AsyncApi>("asyncapi.json"),
    ]);
    const sections = [...listRoutes(routes), listTopics(topics)];
    const { title, version } = routes.info;
    document.title = `${title}: routes and topics`;
    find("title").replaceChildren(title, " ", make("small", {}, version));
    find("list").replaceChildren(...sections.map(makeList));
    main.replaceChildren(...sections.map(makeSection));
    const search = find("search") as HTMLInputElement;
    search.oninput = () => filter(sections, search.value);
    // What the address names was not there yet.
    document.getElementById(location.hash.slice(1))?.scrollIntoView();
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    main.replaceChildren(make("p", { class: "failure", role: "alert" }, words));
  }
}

token.addEventListener("input", () => document.dispatchEvent(new Event("token")));
// With the right token there may be something to show.
token.addEventListener("change", () => {
  if (document.querySelector(".failure")) void show();
});
showFiles();
await show();
