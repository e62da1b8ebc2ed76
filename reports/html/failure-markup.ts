/**
 * The failures view: an entry for each cause, with what the user of its first play got, the piece of the ladder where it
 * broke, the command that repeats it, and links to the plays that are alike. The script draws the ladder.
 */
import { failureGroups, tellingFinding } from "../failure-groups.ts";
import type { PlayResult } from "../model.ts";
import { gradeStyle } from "../wording.ts";
import { playLink } from "./links.ts";
import { type Markup, markup } from "./markup.ts";
import { findingMarkup, serviceTerms, term } from "./play-view.ts";

/** Findings of the first play that are shown; its own view has all. */
const SHOWN = 2;

export const failureMarkup = (plays: readonly PlayResult[], places: ReadonlyMap<string, number>): Markup[] =>
  failureGroups(plays).flatMap(({ cause, plays: [first, ...alike] }) => {
    if (first === undefined) return [];
    const link = (play: PlayResult): Markup =>
      playLink(play, {
        places: [places.get(play.id)!],
        classes: "named new",
        title: `${play.scenario.title}: ${play.reason ?? play.outcome}`,
        text: markup`<span class="shape ${play.grade}"></span> ${play.id}`,
      });
    const telling = tellingFinding(first);
    const findings = [...(telling ? [telling] : []), ...first.findings.filter((finding) => finding !== telling)];
    const more = findings.length - SHOWN;
    return [
      markup`<article class="row group failure">
<h2>${cause}${alike.length > 0 ? markup` <span class="at">${alike.length + 1} plays</span>` : undefined}</h2>
<p class="lead">${link(first)} <span class="at">${first.scenario.title}</span></p>
<dl>${first.service === undefined ? term(gradeStyle(first.grade).word, first.reason ?? first.outcome) : serviceTerms(first)}</dl>
${findings.slice(0, SHOWN).map(findingMarkup)}${more > 0 ? markup`<p class="at">and ${more} more differences</p>` : undefined}
${first.timeline.length > 0 ? markup`<div class="canvas" tabindex="0" role="group" aria-label="Ladder around the place" data-excerpt="${places.get(first.id)!}"></div>` : undefined}
<p class="repeat"><code>${first.repeat}</code> <button type="button" data-copy>Copy</button></p>
${alike.length > 0 ? markup`<details class="alike"><summary>${alike.length} more alike</summary>${alike.map((play) => markup`<p>${link(play)}</p>`)}</details>` : undefined}</article>
`,
    ];
  });
