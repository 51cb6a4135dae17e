// A page with its script and its style, to be answered by a route: as the binary carries them, or,
// where the sources run, bundled at the first request. Called by the routes of pages.

import { basename } from "node:path";

/** A page that is imported with `import page from "….html"`. */
export type ImportedPage = {
  readonly index: string;
  readonly files?: readonly {
    readonly path: string;
    readonly loader: string;
    readonly headers: Readonly<Record<string, string>>;
  }[];
};

export type PageFile = {
  readonly body: string;
  /** The same, for whoever takes it so. */
  readonly gzip: Uint8Array<ArrayBuffer>;
  readonly contentType: string;
};
export type PageFiles = {
  /** The page; it finds its files below `folder`. */
  readonly html: string;
  /** The script and the style, by their names, which change with what is in them. */
  readonly files: ReadonlyMap<string, PageFile>;
};

/** Only the page's own script and style; nothing of what strangers wrote can run. */
const PAGE_HEADERS = {
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
    "img-src 'self' data: blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "Referrer-Policy": "no-referrer",
} as const;
const FOREVER = "public, max-age=31536000, immutable";

/** The page's files; `folder` is the path before their names, as the page itself sees it. */
export async function loadPage(page: ImportedPage, folder: string): Promise<PageFiles> {
  const found = page.files ? await readEmbedded(page.files) : await bundle(page.index);
  const html = found.find(({ contentType }) => contentType.startsWith("text/html"))?.body ?? "";
  const others = found.filter(({ contentType }) => !contentType.startsWith("text/html"));
  // The bundler counts from the root, or from where the page is; ours lies below a path that may
  // itself lie below a path of somebody's own app.
  const moved = others.reduce((text, { name }) => {
    return text.replaceAll(
      new RegExp(`(["'])[./]*${RegExp.escape(name)}`, "g"),
      `$1${folder}${name}`,
    );
  }, html);
  const files = others.map(({ name, body, contentType }) => {
    return [name, { body, gzip: Bun.gzipSync(body), contentType }] as const;
  });
  return { html: moved, files: new Map(files) };
}

/** Whether this request is that of a browser that shows what it is answered. */
export function wantsPage({ method, headers }: Request): boolean {
  const isReading = method === "GET" || method === "HEAD";
  return isReading && headers.get("Accept")?.includes("text/html") === true;
}

/** The answer with the page itself. */
export function answerPage({ html }: PageFiles): Response {
  const contentType = "text/html;charset=utf-8";
  // What it is depends on who asks: GET / has JSON as well.
  const headers = { "Content-Type": contentType, "Cache-Control": "no-cache", Vary: "Accept" };
  return new Response(html, { headers: { ...PAGE_HEADERS, ...headers } });
}

/** The answer with one of its files; undefined when it has none of that name. */
export function answerFile({ files }: PageFiles, request: Request): Response | undefined {
  const { pathname } = new URL(request.url);
  const file = files.get(pathname.slice(pathname.lastIndexOf("/") + 1));
  if (!file) return undefined;
  const isShort = /\bgzip\b/.test(request.headers.get("Accept-Encoding") ?? "");
  const headers = {
    ...PAGE_HEADERS,
    "Content-Type": file.contentType,
    "Cache-Control": FOREVER,
    Vary: "Accept-Encoding",
    ...(isShort && { "Content-Encoding": "gzip" }),
  };
  return new Response(isShort ? file.gzip : file.body, { headers });
}

type NamedFile = Omit<PageFile, "gzip"> & { readonly name: string };

function readEmbedded(files: NonNullable<ImportedPage["files"]>): Promise<NamedFile[]> {
  return Promise.all(
    files.map(async ({ path, headers }) => ({
      name: basename(path),
      body: await Bun.file(path).text(),
      contentType: headers["content-type"] ?? "application/octet-stream",
    })),
  );
}

async function bundle(index: string): Promise<NamedFile[]> {
  const { outputs } = await Bun.build({
    entrypoints: [index],
    minify: true,
    define: { "process.env.NODE_ENV": JSON.stringify("production") },
  });
  return Promise.all(
    outputs.map(async (output) => ({
      name: basename(output.path),
      body: await output.text(),
      contentType: output.type,
    })),
  );
}
