/** Help where there is nothing to show: no cell fits the filter, or the address names a play that the run does not have. */
import { nearest } from "../../nearest.ts";
import { playInHash } from "../addresses.ts";
import { type Markup, markup } from "../markup.ts";
import { filterValue } from "./choice.ts";
import { element } from "./element.ts";
import { type Count, count } from "./filter.ts";

const noHit = element<HTMLElement>("#no-hit");
const noPlay = element<HTMLElement>("#no-play");

/** Says how many plays fit; if none does, what each part of the filter leaves out. */
export function showCount(chosen: URLSearchParams, { fit, all }: Count): void {
  const parts = partsOf(chosen);
  element("#filter-count").textContent = parts.length === 0 ? "" : `${fit} of ${all} plays`;
  noHit.hidden = fit > 0 || all === 0 || parts.length === 0;
  noHit.replaceChildren();
  if (noHit.hidden) return;
  const without = (names: readonly string[]): number => {
    const rest = new URLSearchParams(chosen);
    for (const name of names) rest.delete(name);
    return count(rest).fit;
  };
  const button = (names: readonly string[], word: string): Markup =>
    markup`<button type="button" data-without="${names.join(" ")}">${word}: ${without(names)} plays</button> `;
  const each = parts.length < 2 ? [] : parts.map(({ name, words }) => button([name], `without ${words}`));
  noHit.innerHTML = markup`<p>No play fits ${parts.map(({ words }) => words).join(", ")}.</p>
<p>${each}${button(
    parts.map(({ name }) => name),
    "clear the filter",
  )}</p>`.text;
}

interface Part {
  readonly name: string;
  readonly words: string;
}

function partsOf(chosen: URLSearchParams): Part[] {
  const only = chosen.getAll("only");
  const find = filterValue("find", chosen);
  const subject = filterValue("subject", chosen);
  const by = filterValue("by", chosen);
  return [
    ...(find === "" ? [] : [{ name: "find", words: `“${find}”` }]),
    ...(only.length === 0 ? [] : [{ name: "only", words: only.join(" or ") }]),
    ...(subject === "" ? [] : [{ name: "subject", words: `subject ${subject}` }]),
    ...(by === "" ? [] : [{ name: "by", words: `broken by ${by}` }]),
  ];
}

/** So many links at most. */
const MOST = 12;

export function hideNoPlay(): void {
  noPlay.hidden = true;
  noPlay.replaceChildren();
}

/** The play is there, and cannot be opened. */
export function showTrouble(id: string, trouble: string): void {
  noPlay.hidden = false;
  noPlay.innerHTML = markup`<p>${id} cannot be opened: ${trouble}.</p>`.text;
}

/** `hrefs`: addresses of the plays that there are. */
export function showNoPlay(id: string, hrefs: readonly string[]): void {
  noPlay.hidden = false;
  const ids = hrefs.map((href) => playInHash(href) ?? "");
  const close = closeTo(id, ids).slice(0, MOST);
  const list = close.map((one) => markup`<li><a href="${hrefs[ids.indexOf(one)]}">${one}</a></li>`);
  noPlay.innerHTML = markup`<p>This run has no play named <code>${id}</code>.</p>
${close.length > 0 ? markup`<p>Names like it:</p><ul>${list}</ul>` : undefined}<p><a href="#">All results</a></p>`.text;
}

/** All plays of the scenario, or those of scenarios with a name like it. */
function closeTo(id: string, ids: readonly string[]): string[] {
  const scenarioOf = (each: string): string => each.split("@")[0] ?? "";
  const wanted = scenarioOf(id);
  const known = [...new Set(ids.map(scenarioOf))];
  const scenarios = known.includes(wanted) ? [wanted] : nearest(wanted, known);
  return scenarios.flatMap((scenario) => ids.filter((each) => scenarioOf(each) === scenario));
}
