/** The view of one play. Everything put into the document comes from `markup`, which escapes. */
import { playView } from "../play-view.ts";
import { element, elements } from "./element.ts";
import { shownPlaces } from "./filter.ts";
import { drawLadder, hrefs, playAt } from "./plays.ts";

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
  showSteps(await hrefs());
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

const steps = elements<HTMLButtonElement>("[data-step]", view);

/** The plays before and after, of those that the filter shows; without one, the button is disabled. */
function showSteps(addresses: readonly string[]): void {
  const shown = shownPlaces();
  const at = open === undefined ? -1 : shown.indexOf(open);
  for (const button of steps) {
    const next = at < 0 ? undefined : addresses[shown[at + Number(button.dataset.step)] ?? -1];
    button.disabled = next === undefined;
    button.title = next?.slice(1) ?? "";
    button.onclick = () => {
      location.hash = next ?? "";
    };
  }
}

addEventListener("beforeprint", () => {
  for (const details of elements<HTMLDetailsElement>("details", view)) details.open = true;
});
