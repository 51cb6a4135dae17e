// From an operation of the OpenAPI document to the request that its form describes: as a line of
// curl, and as what `fetch` is given. Used by the page, and by the tests that run these lines.
// Pure.

export type Parameter = {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema?: JsonSchema;
  readonly example?: unknown;
};
export type JsonSchema = { readonly [key: string]: unknown };
export type Operation = {
  readonly operationId: string;
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, MediaType>> };
  readonly responses?: Readonly<Record<string, Response>>;
};
type MediaType = { readonly schema?: JsonSchema; readonly example?: unknown };
type Response = {
  readonly description: string;
  readonly content?: Readonly<Record<string, MediaType>>;
};

export type Values = {
  /** By the parameter's name; one that is absent or empty is left out. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly body: string;
};
export type BuiltRequest = {
  readonly method: string;
  /** Below the bridge's address, with its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
};

/** What stands in the form at first: the document's examples of what must be there. */
export function toExampleValues({ parameters = [], requestBody }: Operation): Values {
  const needed = parameters.filter(({ required, example }) => required || example !== undefined);
  const [media] = Object.values(requestBody?.content ?? {});
  const example = media?.example;
  const text = typeof example === "string" ? example : JSON.stringify(example);
  return {
    parameters: Object.fromEntries(needed.map((one) => [one.name, String(one.example ?? "")])),
    body: example === undefined ? "" : text,
  };
}

/** The request of an operation with these values. */
export function buildRequest(
  method: string,
  path: string,
  operation: Operation,
  { parameters: values, body }: Values,
): BuiltRequest {
  const query = new URLSearchParams();
  const headers: Record<string, string> = {};
  let target = path;
  for (const { name, in: place } of operation.parameters ?? []) {
    const value = values[name] ?? "";
    if (place === "path") target = target.replace(`{${name}}`, encodePath(value));
    if (value === "") continue;
    if (place === "query") query.set(name, value);
    if (place === "header") headers[name] = value;
  }
  const [type] = Object.keys(operation.requestBody?.content ?? {});
  if (type !== undefined && !type.includes("*")) headers["Content-Type"] = type;
  const asked = query.toString();
  return {
    method: method.toUpperCase(),
    path: asked === "" ? target : `${target}?${asked}`,
    headers,
    body: type === undefined ? undefined : body,
  };
}

/** A line for a POSIX shell. `token` stands for itself, or is the name of a variable: `$TOKEN`. */
export function toCurlLine(request: BuiltRequest, base: string, token = ""): string {
  const { method, path, headers, body } = request;
  const all = { ...headers, ...(token !== "" && { Authorization: `Bearer ${token}` }) };
  const words = [
    "curl",
    ...(method === "GET" ? [] : ["-X", method]),
    ...Object.entries(all).flatMap(([name, value]) => ["-H", quote(`${name}: ${value}`)]),
    ...(body === undefined ? [] : ["--data-raw", quote(body)]),
    quote(`${base}${path}`),
  ];
  return words.join(" ");
}

/** A word that a shell takes as it is. */
export function quote(text: string): string {
  return /^[\w./:=,@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

// A topic's slashes stay, as they are levels; all else that a path cannot have is encoded.
function encodePath(value: string): string {
  return value.split("/").map(encodeURIComponent).join("/");
}
