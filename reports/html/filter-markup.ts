/** The controls of the filter: the subject as a choice, words, who broke it; and the answers or grades of a view with counts. */
import { compareWords } from "../matrix.ts";
import type { PlayResult } from "../model.ts";
import { answerOf, answerStyles, breakers, breakerWord, flakyStyle, harmStyle, newStyle } from "../service.ts";
import { countGrades, gradeStyles } from "../wording.ts";
import { type Markup, markup } from "./markup.ts";

export function filterMarkup(plays: readonly PlayResult[]): Markup {
  const subjects = [...new Set(plays.map((play) => play.subject))].sort(compareWords);
  const broken = new Set(plays.map(({ service }) => service?.by));
  const by = breakers.filter((each) => broken.has(each));
  const radio = (value: string, word: string): Markup =>
    markup`<label><input type="radio" name="subject" data-filter="subject" value="${value}"${value === "" ? " checked" : ""}><span>${word}</span></label>`;
  return markup`<div class="filters" role="search" aria-label="Filter" hidden>
${
  subjects.length < 2
    ? undefined
    : markup`<fieldset class="subjects"><legend>Subject</legend>${radio("", "all")}${subjects.map((each) => radio(each, each))}</fieldset>`
}
<button type="button" class="more" aria-expanded="false" aria-controls="find">Filter</button>
<output id="filter-count" aria-live="polite"></output>
<div class="find" id="find">
<label>Find <input data-filter="find" type="search" placeholder="scenario, reason, rule" autocomplete="off" spellcheck="false"></label>
${by.length === 0 ? undefined : markup`<label>Broken by <select data-filter="by"><option value="">all</option>${by.map((each) => markup`<option value="${each}">${breakerWord(each)}</option>`)}</select></label>`}
</div>
</div>`;
}

/** Counts of plays; what does not occur has no button. */
export function serviceLegend(plays: readonly PlayResult[]): Markup {
  const answers = plays.map(answerOf);
  const count = (fits: (answer: (typeof answers)[number]) => boolean): number => answers.filter(fits).length;
  return legend("answers", [
    ...answerStyles.map((style) => ({ ...style, value: style.kind, count: count(({ kind }) => kind === style.kind) })),
    { ...harmStyle, value: "harm", count: count(({ harm }) => harm) },
    { ...newStyle, value: "new", count: count(({ isNew }) => isNew) },
    { ...flakyStyle, value: "flaky", count: count(({ isFlaky }) => isFlaky) },
  ]);
}

export function gradeLegend(plays: readonly PlayResult[]): Markup {
  const counts = countGrades(plays);
  return legend("grades", [
    ...gradeStyles.map((style) => ({ ...style, value: style.grade, count: counts[style.grade] })),
    { ...flakyStyle, value: "flaky", count: plays.filter(({ flaky }) => flaky !== undefined).length },
  ]);
}

interface LegendEntry {
  readonly value: string;
  readonly word: string;
  readonly meaning: string;
  readonly count: number;
}

const legend = (name: string, entries: readonly LegendEntry[]): Markup =>
  markup`<div class="legend" role="group" aria-label="Show only these ${name}">${entries
    .filter(({ count }) => count > 0)
    .map(
      ({ value, word, meaning, count }) =>
        markup`<button type="button" aria-pressed="false" data-only="${value}" title="${meaning}"><span class="shape ${value}"></span>${word} <b>${count}</b></button>`,
    )}</div>`;
