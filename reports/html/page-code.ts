/**
 * The page's script and style, from `page/`: a checkout bundles them at report time, in some tens of milliseconds; a
 * package has them ready.
 */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

export interface PageCode {
  readonly script: string;
  readonly style: string;
}

const fromSources = import.meta.url.endsWith(".ts");

export const pageCode = async (): Promise<PageCode> =>
  fromSources
    ? bundlePage()
    : (JSON.parse(await readFile(new URL("page-code.json", import.meta.url), "utf8")) as PageCode);

/** `npm run build` calls it, too. */
export async function bundlePage(): Promise<PageCode> {
  // Only a checkout has it.
  const { build } = await import("esbuild");
  const entry = (name: string): string => fileURLToPath(new URL(`page/${name}`, import.meta.url));
  const result = await build({
    entryPoints: [entry("main.ts"), entry("page.css")],
    outdir: "page",
    bundle: true,
    write: false,
    minify: true,
    format: "iife",
    target: ["es2022", "chrome103", "firefox113", "safari16.4"], // DecompressionStream is there in all of these
    legalComments: "none",
    logLevel: "silent",
    tsconfigRaw: {},
  });
  const output = (ending: string): string =>
    result.outputFiles.find(({ path }) => path.endsWith(ending))?.text.trim() ?? "";
  // esbuild escapes `</script` and `</style` itself.
  // esbuild leaves the strings of tagged templates as they are.
  const ascii = output(".js").replaceAll(
    /[^\0-\x7f]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return { script: ascii, style: output(".css") };
}
