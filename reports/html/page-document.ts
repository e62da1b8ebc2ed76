/**
 * The whole report as one HTML document that opens from disk: it loads nothing, and its
 * Content-Security-Policy allows only the script and the style written here, so that no text of a server can run
 * even if escaping failed.
 *
 *     await writeFile("index.html", pageDocument(run, await pageCode()));
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { deflateSync } from "node:zlib";
import { countsText } from "../compatibility.ts";
import type { PlayResult, RunResult } from "../model.ts";
import { answerOf, answerStyles, breakers, breakerWord, harmStyle, newStyle } from "../service.ts";
import { countGrades, gradeStyles } from "../wording.ts";
import { partId, playsPerPart } from "./addresses.ts";
import { Markup, markup } from "./markup.ts";
import { letterMarkup, playsInOrder, serviceMarkup } from "./matrix-markup.ts";
import { pairingMarkup } from "./pairing-markup.ts";

export function pageDocument(run: RunResult, code: PageCode): string {
  const parts = packPlays(playsInOrder(run.plays));
  const broken = new Set(run.plays.map(({ service }) => service?.by));
  const subjects = [...new Set(run.plays.map((play) => play.subject))];
  const policy = [
    "default-src 'none'",
    `script-src '${digest(code.script)}'`,
    `style-src '${digest(code.style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Anchorage: ${countsText(run.plays)}</title>
<style>${new Markup(code.style)}</style>
</head>
<body>
<header class="page">
<h1><a href="#">Anchorage</a></h1>
<p>${run.plays.length} plays, seed ${run.seed}, <time datetime="${run.clock.startedAt}">${startText(run.clock.startedAt)}</time>, ${seconds(run.clock.tookMs)}, version ${run.tool.version}</p>
</header>
<main>
<section id="matrix" aria-label="Matrix">
<div class="filters" role="search">
<div class="tabs" role="tablist" hidden>${views.map(
    ({ name, title }) =>
      markup`<button type="button" role="tab" id="tab-${name}" aria-controls="view-${name}" data-view="${name}">${title}</button>`,
  )}</div>
<div class="find">
<label>Subject <select data-filter="subject"><option value="">all</option>${subjects.map((subject) => markup`<option>${subject}</option>`)}</select></label>
<label>Broken by <select data-filter="by"><option value="">all</option>${breakers.filter((by) => broken.has(by)).map((by) => markup`<option value="${by}">${breakerWord(by)}</option>`)}</select></label>
<label>Find <input data-filter="find" type="search" title="words of scenario, reason or rule" autocomplete="off" spellcheck="false"></label>
</div>
</div>
<output id="filter-count" aria-live="polite"></output>
<noscript><p class="notice">Without JavaScript the matrix is readable, but no play opens; results.json beside this page has everything.</p></noscript>
<p class="notice" id="notice" role="alert" hidden></p>
<section class="view" id="view-service" role="tabpanel" aria-labelledby="tab-service">
<div class="legend" role="group" aria-label="Show only these answers">${serviceLegend(run.plays)}</div>
<p class="counts">${countsText(run.plays)}. <a href="expect.md">What to expect of ftp-proxy, in words</a></p>
${pairingMarkup(run.plays)}
${serviceMarkup(run.plays)}
</section>
<section class="view" id="view-letter" role="tabpanel" aria-labelledby="tab-letter">
<div class="legend" role="group" aria-label="Show only these grades">${gradeLegend(run.plays)}</div>
${letterMarkup(run.plays)}
</section>
</section>
<section id="play" aria-label="Play" hidden>
<nav aria-label="Plays"><a href="#" data-back>← Matrix</a> <span><button type="button" data-step="-1">Previous</button> <button type="button" data-step="1">Next</button></span></nav>
<article></article>
</section>
</main>
${parts.map(
  (part, index) => markup`<script type="text/plain" id="${partId(index)}">${new Markup(part)}</script>
`,
)}<script>${new Markup(code.script)}</script>
</body>
</html>
`.text;
}

const views = [
  { name: "service", title: "Did FTP work?" },
  { name: "letter", title: "Expectations and letter" },
] as const;

/** Counts of plays; what does not occur has no button. */
function serviceLegend(plays: readonly PlayResult[]): Markup[] {
  const answers = plays.map(answerOf);
  const kinds = answerStyles.map(({ kind, ...style }) => ({
    ...style,
    value: kind,
    count: answers.filter((answer) => answer.kind === kind).length,
  }));
  const harm = { ...harmStyle, value: "harm", count: answers.filter((answer) => answer.harm).length };
  const fresh = { ...newStyle, value: "new", count: answers.filter((answer) => answer.isNew).length };
  return [...kinds, harm, fresh].filter(({ count }) => count > 0).map(legendMarkup);
}

function gradeLegend(plays: readonly PlayResult[]): Markup[] {
  const counts = countGrades(plays);
  return gradeStyles.map(({ grade, ...style }) => legendMarkup({ ...style, value: grade, count: counts[grade] }));
}

interface LegendEntry {
  readonly value: string;
  readonly word: string;
  readonly meaning: string;
  readonly count: number;
}

const legendMarkup = ({ value, word, meaning, count }: LegendEntry): Markup =>
  markup`<button type="button" aria-pressed="false" data-only="${value}" title="${meaning}"><span class="shape ${value}"></span>${word} <b>${count}</b></button>`;

function digest(text: string): string {
  return `sha256-${createHash("sha256").update(text, "utf8").digest("base64")}`;
}

/** `2026-01-02 03:04 UTC`, out of an ISO time. */
function startText(startedAt: string): string {
  return startedAt.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d).*Z$/, "$1 $2 UTC");
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/**
 * Plays, packed for the page: JSON in parts of some dozen plays, each deflated and in base64. The page unpacks a part
 * when a play of it is opened, so thousands of plays cost nothing until then.
 * Base64 has no `<`, so a script element can hold a part unescaped.
 */
function packPlays(plays: readonly PlayResult[]): string[] {
  const parts: string[] = [];
  for (let start = 0; start < plays.length; start += playsPerPart) {
    const json = JSON.stringify(plays.slice(start, start + playsPerPart));
    parts.push(deflateSync(json, { level: 9 }).toString("base64"));
  }
  return parts;
}

/** The page's script and style. */
export interface PageCode {
  readonly script: string;
  readonly style: string;
}

const fromSources = import.meta.url.endsWith(".ts");

/** A checkout bundles them from `page/` at report time, in some tens of milliseconds; a package has them ready. */
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
