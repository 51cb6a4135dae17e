// The OpenAPI 3.1 document, made of the routes' own schemas: what validates is what is documented.
// Called by documents-route.ts and by `viaduto docs openapi`. Knows no route by name.

import type { TSchema } from "@sinclair/typebox";
import type { ErrorCode } from "../lib/errors.ts";
import { VERSION } from "../lib/version.ts";
import { type JsonSchema, toJsonSchema } from "../topics/json-schema.ts";
import { toProblemSchema } from "./route-schemas.ts";
import { findScope } from "./route-scopes.ts";

/** A route, as Elysia lists it; of its hooks only what is documented. */
export type DescribedRoute = {
  readonly method: string;
  readonly path: string;
  readonly hooks: {
    readonly detail?: Detail;
    readonly params?: unknown;
    readonly query?: unknown;
    readonly headers?: unknown;
    readonly body?: unknown;
    readonly response?: unknown;
  };
};
type Detail = {
  readonly operationId?: string;
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly hide?: boolean;
  readonly [other: string]: unknown;
};

export type OpenApiOptions = {
  readonly title: string;
  /** Whether this bridge asks for a token. */
  readonly hasToken: boolean;
};

const METHODS = ["GET", "PUT", "POST", "DELETE", "PATCH", "HEAD", "OPTIONS"];
const TAGS = {
  messages: "publish, and the last value of each topic",
  history: "what has passed",
  streams: "what passes now",
  retained: "what the broker keeps for later subscribers",
  calls: "publish, and wait for the reply",
  handlers: "what is loaded, and what it could not handle",
  broker: "the embedded broker's clients",
  operations: "health, figures and these documents",
} as const;
const TOKEN_ERRORS: readonly ErrorCode[] = ["token_missing", "token_wrong"];

/** The document for these routes, as a value to be written as JSON or YAML. */
export function buildOpenApi(routes: readonly DescribedRoute[], options: OpenApiOptions) {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of listDescribed(routes)) {
    const path = toPath(route);
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: toOperation(route, options) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: options.title,
      version: VERSION,
      summary: "An HTTP and MQTT bridge",
      description:
        "Every error is `application/problem+json` (RFC 9457) with a `code`, what happened and " +
        "what to do now. A `{topic}` or `{id}` at the end of a path may have slashes.",
      license: { name: "MIT", identifier: "MIT" },
    },
    // Counts from where the document is, so that it holds below a path of somebody's own app.
    servers: [{ url: ".", description: "this bridge" }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: { securitySchemes: SECURITY_SCHEMES },
  };
}

/** The routes that belong into the document. */
export function listDescribed(routes: readonly DescribedRoute[]): readonly DescribedRoute[] {
  return routes.filter(({ method, hooks }) => {
    return METHODS.includes(method) && hooks.detail?.hide !== true;
  });
}

const SECURITY_SCHEMES = {
  bearer: {
    type: "http",
    scheme: "bearer",
    description:
      "A token of this bridge. It may be for some scopes alone: `read` looks at messages, " +
      "`publish` sends them, `admin` does the rest; and for some topics alone.",
  },
  cookie: {
    type: "apiKey",
    in: "cookie",
    name: "viaduto-<port>",
    description: "What a browser is given that opens `/?token=…`; no script can read it.",
  },
};

function toOperation({ method, path, hooks }: DescribedRoute, { hasToken }: OpenApiOptions) {
  const { operationId, summary, description, tags, hide: _, ...more } = hooks.detail ?? {};
  const scope = findScope(method, path);
  const isOpen = scope === undefined; // Who supervises the bridge has no token.
  const known = [description, isOpen ? "" : `Scope: \`${scope}\`.`].filter(Boolean);
  return {
    ...(operationId !== undefined && { operationId }),
    ...(summary !== undefined && { summary }),
    description: known.join(" "),
    ...(tags && { tags }),
    parameters: [
      ...toParameters("path", hooks.params, listPathNames(path)),
      ...toParameters("query", hooks.query),
      ...toParameters("header", hooks.headers),
    ],
    ...toBody(hooks.body),
    responses: toResponses(hooks.response, isOpen ? [] : TOKEN_ERRORS),
    security: isOpen ? [] : [{ bearer: [] }, { cookie: [] }, ...(hasToken ? [] : [{}])],
    ...more,
  };
}

// `/topics/*` is `/topics/{topic}`, `/dead-letters/:id` is `/dead-letters/{id}`.
function toPath({ path, hooks }: DescribedRoute): string {
  return path
    .replaceAll(/:(\w+)\??/g, "{$1}")
    .replace(/\*$/, () => `{${toWildcardName(toProperties(hooks.params))}}`);
}

function toWildcardName(params: Readonly<Record<string, JsonSchema>>): string {
  const title = params["*"]?.title;
  return typeof title === "string" ? title : "topic";
}

function listPathNames(path: string): string[] {
  const names = [...path.matchAll(/:(\w+)/g)].map(([, name = ""]) => name);
  return path.endsWith("*") ? [...names, "*"] : names;
}

function toParameters(place: "path" | "query" | "header", schema: unknown, needed: string[] = []) {
  const properties = toProperties(schema);
  const required = (toPlain(schema).required ?? []) as readonly string[];
  const names = new Set([...needed, ...Object.keys(properties)]);
  return [...names].map((name) => {
    const { description, title: _, examples, ...own } = properties[name] ?? { type: "string" };
    const [example] = Array.isArray(examples) ? examples : [];
    return {
      name: name === "*" ? toWildcardName(properties) : name,
      in: place,
      required: place === "path" || required.includes(name),
      ...(description !== undefined && { description }),
      schema: own,
      ...(example !== undefined && { example }),
    };
  });
}

function toBody(schema: unknown) {
  if (schema === undefined) return {};
  const { examples, ...own } = setClosed(toPlain(schema), true) as JsonSchema;
  const [example] = Array.isArray(examples) ? examples : [];
  const media = { schema: own, ...(example !== undefined && { example }) };
  return { requestBody: { required: true, content: { [toMediaType(own)]: media } } };
}

function toResponses(response: unknown, errors: readonly ErrorCode[]) {
  const statuses = isByStatus(response) ? response : { 200: response };
  const own = Object.entries(statuses).map(([status, schema]) => {
    const plain = setClosed(toPlain(schema), false) as JsonSchema;
    return [status, toResponse(Number(status), plain)] as const;
  });
  const extra = errors.length > 0 && !("401" in statuses);
  const refused = toResponse(401, toPlain(toProblemSchema(401, errors)));
  return Object.fromEntries(extra ? [...own, ["401", refused]] : own);
}

function toResponse(status: number, { description, ...schema }: JsonSchema) {
  const words = { description: description ?? (status < 300 ? "it is done" : "it is not") };
  if (schema.type === "void" || status === 204 || status === 304) return words;
  const mediaType = status >= 400 ? "application/problem+json" : toMediaType(schema);
  return { ...words, content: { [mediaType]: { schema } } };
}

/** What `contentMediaType` says of a schema, else JSON. */
function toMediaType({ contentMediaType }: JsonSchema): string {
  return typeof contentMediaType === "string" ? contentMediaType : "application/json";
}

function toProperties(schema: unknown): Readonly<Record<string, JsonSchema>> {
  return (toPlain(schema).properties ?? {}) as Readonly<Record<string, JsonSchema>>;
}

function toPlain(schema: unknown): JsonSchema {
  return schema === undefined ? {} : toJsonSchema(schema as TSchema, "#");
}

// Elysia closes the schemas of a route to unknown fields, but not before the route is used for the
// first time. Said is always the same: a body has no others, and an answer may get some one day.
function setClosed(part: unknown, isClosed: boolean): unknown {
  if (Array.isArray(part)) return part.map((one) => setClosed(one, isClosed));
  if (typeof part !== "object" || part === null) return part;
  const entries = Object.entries(part).map(([key, value]) => [key, setClosed(value, isClosed)]);
  const { additionalProperties, ...own } = Object.fromEntries(entries);
  const isOpen = additionalProperties !== undefined && additionalProperties !== false;
  if (isOpen) return { ...own, additionalProperties };
  const isFixed = isClosed && own.type === "object" && own.properties !== undefined;
  return isFixed ? { ...own, additionalProperties: false } : own;
}

// Either one schema, or one for each status.
function isByStatus(response: unknown): response is Readonly<Record<string, unknown>> {
  const keys = typeof response === "object" && response !== null ? Object.keys(response) : [];
  return keys.length > 0 && keys.every((key) => /^\d{3}$/.test(key));
}
