/**
 * One play, opened: outcome and expectation, ladder, how to repeat it, and everything the run kept of it.
 * Pure: markup out of a result; the page puts it in place and draws the ladder at the width it has.
 */
import { gradeStyle } from "../grades.ts";
import { columnParts } from "../matrix.ts";
import type { Finding, InvariantResult, PlayerInfo, PlayResult } from "../model.ts";
import { decisiveDrop, dropCause } from "../play-summary.ts";
import { ladderTime } from "../time-text.ts";
import { type Markup, markup, preformatted } from "./markup.ts";
import { playRecord, term } from "./play-record.ts";

export function playView(play: PlayResult): Markup {
  const { scenario } = play;
  return markup`<header>
<p class="path">${scenario.category} <span>${columnParts.map((part) => play[part]).join(" · ")}</span></p>
<h2 tabindex="-1">${scenario.title}</h2>
<p class="quirk">${scenario.quirk}</p>
</header>
<section class="verdict ${play.grade}">
<p class="grade"><span class="shape ${play.grade}"></span> ${gradeStyle(play.grade).word}</p>
<dl>${outcomeTerms(play)}</dl>
</section>
${play.findings.map(findingMarkup)}
${play.players.map(saidMarkup)}
<p class="repeat"><code>${play.repeat}</code> <button type="button" data-copy>Copy</button></p>
${ladderSection(play)}
${invariantsMarkup(play.invariants)}
${playRecord(play)}`;
}

function outcomeTerms(play: PlayResult): Markup[] {
  const drop = decisiveDrop(play);
  const met = play.expected === play.outcome;
  return [
    ...(met
      ? [term("Outcome", markup`${play.outcome}<span class="at">, as expected</span>`)]
      : [term("Expected", play.expected), term("Outcome", play.outcome)]),
    ...(play.reason === undefined || play.reason === play.outcome ? [] : [term("Reason", play.reason)]),
    ...(drop === undefined
      ? []
      : [
          term(
            "Dropped packet",
            markup`<code>${drop.packet}</code> on ${drop.interface} ${drop.direction} at ${ladderTime(drop.atMs)}`,
          ),
          term("Dropped by", markup`<code>${dropCause(drop)}</code>`),
        ]),
  ];
}

function findingMarkup(finding: Finding): Markup {
  const at = finding.atMs === undefined ? undefined : markup` <span class="at">at ${ladderTime(finding.atMs)}</span>`;
  const side = (name: string, text: string | undefined): Markup | undefined =>
    text === undefined ? undefined : markup`<div><h4>${name}</h4><pre>${text}</pre></div>`;
  const sides = [side("Expected", finding.expected), side("Actual", finding.actual)].filter(
    (each) => each !== undefined,
  );
  return markup`<section class="finding">
<h3><span class="kind">${finding.kind}</span> ${finding.message}${at}</h3>
${sides.length > 0 ? markup`<div class="sides">${sides}</div>` : undefined}</section>
`;
}

/** What a program of a failed play has said. */
function saidMarkup({ part, name, output }: PlayerInfo): Markup | undefined {
  if (output === undefined) return undefined;
  return markup`<section class="finding"><h3><span class="kind">${part}</span> ${name} said</h3>
<pre>${output.split(/\r?\n/).map(
    (line) => markup`${preformatted(line)}
`,
  )}</pre></section>
`;
}

function ladderSection(play: PlayResult): Markup | undefined {
  if (play.timeline.length === 0) return undefined;
  const kinds = new Set(play.timeline.map((event) => event.kind));
  const toggle = (name: string, word: string): Markup =>
    markup`<label><input type="checkbox" data-ladder="${name}"> ${word}</label>`;
  const toggles = [
    kinds.has("log") ? toggle("log", "log") : undefined,
    kinds.has("step") ? toggle("steps", "steps") : undefined,
    kinds.has("state") ? toggle("states", "states") : undefined,
  ];
  return markup`<section class="ladder" aria-labelledby="ladder-title">
<div class="bar"><h3 id="ladder-title">Ladder</h3><span class="toggles">${toggles}</span></div>
<div class="canvas"></div>
<p class="key">The bar on the proxy's line: the anchor holds rules. Struck through: what the proxy replaced. A cross: the firewall let nothing through.</p>
</section>`;
}

function invariantsMarkup(invariants: readonly InvariantResult[]): Markup | undefined {
  if (invariants.length === 0) return undefined;
  const words = { held: "held", broken: "broken", "does-not-apply": "does not apply" } as const;
  const shapes = { held: "passed", broken: "failed", "does-not-apply": "does-not-apply" } as const;
  const rows = invariants.map(
    ({ name, title, verdict, detail }) =>
      markup`<tr><td class="word"><span class="shape ${shapes[verdict]}"></span> ${words[verdict]}</td><th scope="row">${title} <code>${name}</code></th><td>${detail}</td></tr>`,
  );
  return markup`<section><h3>What holds in every play</h3><table class="record">${rows}</table></section>`;
}
