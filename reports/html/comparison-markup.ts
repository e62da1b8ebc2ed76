/** The changes view: what differs from a baseline (`run --baseline`), worst first, and what is alike once. */
import { alikeChanges, type Change, type ChangeKind, type Comparison, changeTitles, wholeText } from "../baseline.ts";
import type { PlayResult } from "../model.ts";
import { answerOf, serviceInWords } from "../service.ts";
import { gradeStyle } from "../wording.ts";
import { playLink } from "./links.ts";
import { type Markup, markup } from "./markup.ts";

export function comparisonMarkup(comparison: Comparison, places: ReadonlyMap<string, number>): Markup {
  const groups = (Object.keys(changeTitles) as ChangeKind[]).flatMap((kind) => {
    const changes = comparison[kind];
    if (changes.length === 0) return [];
    return [
      markup`<section class="group"><h2>${changeTitles[kind]} <span class="at">${changes.length}</span></h2>
${alikeChanges(changes).map((alike) => alikeMarkup(alike, places))}</section>
`,
    ];
  });
  const verdict = comparison.regressed ? "Regressed against the baseline" : "No regression against the baseline";
  return markup`<p class="counts">${verdict}; ${comparison.unchanged} plays are as they were.</p>
${groups}`;
}

function alikeMarkup(alike: readonly Change[], places: ReadonlyMap<string, number>): Markup {
  const [first, ...others] = alike as [Change, ...Change[]];
  const entry = (change: Change): Markup => changeMarkup(change, places);
  const fold = (summary: string, folded: readonly Change[]): Markup =>
    markup`<details class="alike"><summary>${summary}</summary>${folded.map(entry)}</details>`;
  if (first.whole !== undefined) return fold(wholeText(first, alike.length), alike);
  return markup`${entry(first)}${others.length === 0 ? undefined : fold(`${others.length} more alike`, others)}`;
}

function changeMarkup({ id, before, after }: Change, places: ReadonlyMap<string, number>): Markup {
  if (after === undefined) return markup`<p class="change">${id}</p>`;
  const now = inWords(after);
  const was = before === undefined ? "absent" : inWords(before);
  const { kind, isNew } = answerOf(after);
  const link = playLink(after, {
    places: [places.get(after.id)!],
    classes: `named ${kind}${isNew ? " new" : ""}`,
    title: `${after.scenario.title}: ${now}`,
    text: markup`<span class="shape ${kind}${isNew ? " new" : ""}"></span> ${id}`,
  });
  return markup`<div class="row change"><p>${link}</p>
<dl><div><dt>was</dt><dd>${was}</dd></div><div><dt>is</dt><dd>${now}</dd></div></dl></div>
`;
}

function inWords(play: PlayResult): string {
  const { grade, reason = play.outcome, service } = play;
  const why = grade === "failed" && reason !== service?.reason ? ` (${reason})` : "";
  return `${gradeStyle(grade).word}; FTP ${serviceInWords(play)}${why}`;
}
