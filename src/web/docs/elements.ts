// Makes elements of a page. Text is always text: what strangers wrote is never read as HTML.

export type Content = Node | string | undefined | readonly Content[];
type Attributes = Readonly<Record<string, string | boolean>>;

/** An element with its attributes and its content; `false` leaves an attribute out. */
export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...content: Content[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...flatten(content));
  return element;
}

/** The element of the page with that id. */
export function find(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no #${id}`);
  return element;
}

/** Words in which `code` stands between backquotes. */
export function makeWords(text: string): Content {
  return text.split(/`([^`]*)`/).map((part, at) => (at % 2 === 1 ? make("code", {}, part) : part));
}

/** A line to copy, with the button that does it; `update` changes the line. */
export function makeLine(label: string, text: string) {
  const code = make("code", {}, text);
  const button = make("button", { type: "button", class: "copy" }, "Copy");
  button.addEventListener("click", async () => {
    // Over plain HTTP from another machine there is no clipboard: then the line is marked.
    const isCopied = await copy(code);
    button.textContent = isCopied ? "Copied" : "Marked";
    setTimeout(() => {
      button.textContent = "Copy";
    }, 1_500);
  });
  const pre = make("pre", { tabindex: "0", "aria-label": label }, code);
  const element = make("div", { class: "line" }, make("span", {}, label), pre, button);
  return {
    element,
    update(next: string) {
      code.textContent = next;
    },
  };
}

async function copy(code: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(code.textContent ?? "");
    return true;
  } catch {
    const range = document.createRange();
    range.selectNodeContents(code);
    const selection = getSelection();
    selection?.removeAllRanges();
    selection?.addRange(range);
    return false;
  }
}

function flatten(content: readonly Content[]): (Node | string)[] {
  return content.flatMap((one) => {
    if (one === undefined) return [];
    return Array.isArray(one) ? flatten(one) : [one as Node | string];
  });
}
