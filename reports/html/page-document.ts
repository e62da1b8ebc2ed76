/**
 * The whole report as one HTML document that opens from disk: it loads nothing, and its
 * Content-Security-Policy allows only the script and the style written here, so that no text of a server can run
 * even if escaping failed.
 *
 *     await writeFile("index.html", pageDocument(run, await pageCode()));
 */
import { createHash } from "node:crypto";
import { deflateSync } from "node:zlib";
import type { Comparison } from "../baseline.ts";
import { compatibilityOf, countsText } from "../compatibility.ts";
import { failureGroups } from "../failure-groups.ts";
import { headings, type Matrix, matrixOf } from "../matrix.ts";
import type { PlayResult, RunResult } from "../model.ts";
import { addressesId, partId, playHref, playsPerPart } from "./addresses.ts";
import { comparisonMarkup } from "./comparison-markup.ts";
import { failureMarkup } from "./failure-markup.ts";
import { filterMarkup, gradeLegend, serviceLegend } from "./filter-markup.ts";
import { placesOf, playsInOrder } from "./links.ts";
import { type Content, Markup, markup } from "./markup.ts";
import { letterMarkup, serviceMarkup } from "./matrix-markup.ts";
import type { PageCode } from "./page-code.ts";
import { pairingMarkup } from "./pairing-markup.ts";

/** A tab of the page. */
interface View {
  readonly name: string;
  readonly title: Content;
  readonly content: Content;
}

export function pageDocument(run: RunResult, code: PageCode, comparison?: Comparison): string {
  const [service, letter] = [compatibilityOf(run.plays), matrixOf(run.plays)];
  const plays = playsInOrder(letter);
  const style = code.style + columnStyle("service", service) + columnStyle("letter", letter);
  const policy = [
    "default-src 'none'",
    `script-src '${digest(code.script)}'`,
    `style-src '${digest(style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const views = viewsOf(run, service, letter, comparison);
  const document = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Anchorage: ${countsText(run.plays)}</title>
<style>${new Markup(style)}</style>
</head>
<body>
<header class="page">
<h1><a href="#">Anchorage</a></h1>
<p>${countsText(run.plays)}</p>
</header>
<main>
<section id="matrix" aria-label="Results">
<div class="tabs" role="tablist" aria-label="Views" hidden>${views.map(
    ({ name, title }) =>
      markup`<button type="button" role="tab" id="tab-${name}" aria-controls="view-${name}" aria-selected="false" data-view="${name}">${title}</button>`,
  )}</div>
${filterMarkup(run.plays)}
<noscript><p class="notice">Without JavaScript the matrix is readable, but no play opens; results.json beside this page has everything.</p></noscript>
<section class="notice" id="no-hit" role="status" hidden></section>
${views.map(
  (
    { name, content },
    index,
  ) => markup`<section class="view" id="view-${name}" role="tabpanel" aria-labelledby="tab-${name}">
${index === 0 ? content : markup`<noscript>${content}</noscript>`}
</section>
`,
)}</section>
<section class="notice" id="no-play" role="alert" hidden></section>
<section id="play" aria-label="Play" hidden>
<nav aria-label="Plays"><a href="#" data-back>← Results</a> <span><button type="button" data-step="-1">Previous</button> <button type="button" data-step="1">Next</button></span></nav>
<article></article>
</section>
</main>
<footer class="page"><p>${run.plays.length} plays, seed ${run.seed}, <time datetime="${run.clock.startedAt}">${startText(run.clock.startedAt)}</time>, ${seconds(run.clock.tookMs)}, version ${run.tool.version}. <a href="expect.md">What to expect of ftp-proxy, in words</a></p></footer>
${packed(
  addressesId,
  plays.map(({ id }) => playHref(id)),
)}${packPlays(plays)}<script>${new Markup(code.script)}</script>
</body>
</html>
`;
  return asciiOnly(document.text);
}

/** A browser reads a large document of ASCII twice as fast. Script and style are ASCII already. */
const asciiOnly = (text: string): string =>
  text.replaceAll(/[^\0-\x7f]/gu, (character) => `&#${character.codePointAt(0)};`);

function viewsOf(
  run: RunResult,
  service: ReturnType<typeof compatibilityOf<PlayResult>>,
  letter: Matrix<PlayResult>,
  comparison: Comparison | undefined,
): View[] {
  const places = placesOf(playsInOrder(letter));
  const causes = failureGroups(run.plays).length;
  const views: View[] = [
    {
      name: "service",
      title: "Did FTP work?",
      content: [serviceLegend(run.plays), pairingMarkup(run.plays), serviceMarkup(service, places)],
    },
    {
      name: "letter",
      title: "As expected?",
      content: [gradeLegend(run.plays), letterMarkup(letter, places)],
    },
  ];
  if (causes > 0) {
    const title = markup`Failures <b>${causes}</b>`;
    views.push({ name: "failures", title, content: failureMarkup(run.plays, places) });
  }
  if (comparison !== undefined)
    views.push({ name: "changes", title: "Changes", content: comparisonMarkup(comparison, places) });
  return views;
}

/** The grid of a view's rows: numbers only, so that no foreign name gets into the style. */
function columnStyle(view: string, matrix: Matrix<unknown>): string {
  const spans = new Set(headings(matrix).flatMap((row) => row.map(({ span }) => span)));
  const rules = [...spans].map((span) => `#view-${view} [colspan="${span}"]{grid-column-end:span ${span}}`);
  return `#view-${view}{--columns:${matrix.columns.length};--levels:${matrix.varying.length}}${rules.join("")}`;
}

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

/** In parts of some dozen plays: the page unpacks a part when a play of it is opened. */
function packPlays(plays: readonly PlayResult[]): Markup[] {
  const parts: Markup[] = [];
  for (let start = 0; start < plays.length; start += playsPerPart)
    parts.push(packed(partId(parts.length), plays.slice(start, start + playsPerPart)));
  return parts;
}

/** JSON, deflated and in base64: costs next to nothing until it is unpacked, and has no `<` that would need an escape. */
function packed(id: string, value: unknown): Markup {
  const base64 = deflateSync(JSON.stringify(value), { level: 9 }).toString("base64");
  return markup`<script type="text/plain" id="${id}">${new Markup(base64)}</script>
`;
}
