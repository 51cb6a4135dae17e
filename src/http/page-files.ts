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

export type PageFile = { readonly body: string; readonly contentType: string };
export type PageFiles = {
  /** The page; it finds its files below `folder`. */
  readonly html: string;
  /** The script and the style, by their names. */
  readonly files: ReadonlyMap<string, PageFile>;
};

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
  const files = others.map(({ name, body, contentType }) => [name, { body, contentType }] as const);
  return { html: moved, files: new Map(files) };
}

type NamedFile = PageFile & { readonly name: string };

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
  const { outputs } = await Bun.build({ entrypoints: [index], minify: true });
  return Promise.all(
    outputs.map(async (output) => ({
      name: basename(output.path),
      body: await output.text(),
      contentType: output.type,
    })),
  );
}
