/**
 * The page's script and style, bundled from `page/` at report time: there is no generated file to forget, and a
 * clean clone needs only its npm packages. Takes some tens of milliseconds.
 */
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

export interface PageCode {
  readonly script: string;
  readonly style: string;
}

export async function bundlePage(): Promise<PageCode> {
  const entry = (name: string): string => fileURLToPath(new URL(`page/${name}`, import.meta.url));
  const result = await build({
    entryPoints: [entry("main.ts"), entry("page.css")],
    outdir: "page",
    bundle: true,
    write: false,
    minify: true,
    charset: "utf8",
    format: "iife",
    target: ["es2022", "chrome103", "firefox113", "safari16.4"], // DecompressionStream is there in all of these
    legalComments: "none",
    logLevel: "silent",
    tsconfigRaw: {},
  });
  const output = (ending: string): string =>
    result.outputFiles.find(({ path }) => path.endsWith(ending))?.text.trim() ?? "";
  // esbuild escapes `</script` and `</style` itself.
  return { script: output(".js"), style: output(".css") };
}
