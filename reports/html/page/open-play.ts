/** The view of one play. Everything put into the document comes from `markup`, which escapes. */
import { playView } from "../play-view.ts";
import { element, elements } from "./element.ts";
import { hrefs, shownPlaces } from "./filter.ts";
import { drawLadder, playAt } from "./plays.ts";

const view = element<HTMLElement>("#play");
const article = element<HTMLElement>("#play article");
let stop = (): void => {};
/** The place of the open play. */
let open: number | undefined;

/** Rejects if the play cannot be unpacked. */
export async function openPlay(place: number): Promise<void> {
  open = place;
  const play = await playAt(place);
  if (open !== place) return; // Another play was chosen in the meantime.
  stop();
  article.innerHTML = playView(play).text;
  view.hidden = false;
  document.title = `${play.id}: ${play.grade}`;
  const canvas = article.querySelector<HTMLElement>(".ladder .canvas");
  if (canvas !== null) {
    const boxes = elements<HTMLInputElement>("[data-ladder]", article);
    const ladder = drawLadder(canvas, play, () =>
      Object.fromEntries(boxes.map((box) => [box.dataset.ladder ?? "", box.checked])),
    );
    for (const box of boxes) box.addEventListener("change", ladder.redraw);
    stop = ladder.stop;
  }
  showSteps();
  scrollTo(0, 0);
  element<HTMLElement>("h2", article).focus({ preventScroll: true });
}

/** Returns the place of the play that was open. */
export function closePlay(): number | undefined {
  const was = open;
  open = undefined;
  view.hidden = true;
  stop();
  article.replaceChildren();
  return was;
}

/** The address of the play before or after, of those that the filter shows. */
function neighbour(step: number): string | undefined {
  const shown = shownPlaces();
  const at = open === undefined ? -1 : shown.indexOf(open);
  return at < 0 ? undefined : hrefs[shown[at + step] ?? -1];
}

const steps = elements<HTMLButtonElement>("[data-step]", view);

/** Without a play before or after, the button is disabled. */
function showSteps(): void {
  for (const button of steps) {
    const next = neighbour(Number(button.dataset.step));
    button.disabled = next === undefined;
    button.title = next?.slice(1) ?? "";
  }
}

for (const button of steps) {
  button.addEventListener("click", () => {
    location.hash = neighbour(Number(button.dataset.step)) ?? location.hash;
  });
}
addEventListener("beforeprint", () => {
  for (const details of elements<HTMLDetailsElement>("details", view)) details.open = true;
});
