/**
 * The page: the matrix stands in the document already; this opens plays by the address's hash, and goes back.
 * Everything put into the document comes from `markup`, which escapes.
 */
import { playHref, playInHash } from "../play-link.ts";
import { playView } from "../play-view.ts";
import { cells, element, shownCells } from "./elements.ts";
import { startFilter } from "./filter.ts";
import { showLadder } from "./ladder.ts";
import { playAt } from "./unpack.ts";
import { resetTab, startWalk } from "./walk.ts";

const matrix = element<HTMLElement>("#matrix");
const view = element<HTMLElement>("#play");
const article = element<HTMLElement>("#play article");
const notice = element<HTMLElement>("#notice");
const title = document.title;
const byHref = new Map(cells().map((cell) => [cell.getAttribute("href"), cell]));
let open: HTMLAnchorElement | undefined;
let scrolled = 0;

async function follow(): Promise<void> {
  const id = playInHash(location.hash);
  const cell = id === undefined ? undefined : byHref.get(playHref(id));
  if (cell === undefined) return showMatrix(id);
  if (open === undefined) scrolled = scrollY;
  open = cell;
  try {
    const play = await playAt(Number(cell.dataset.place));
    if (open !== cell) return; // Another play was chosen in the meantime.
    article.innerHTML = playView(play).text;
    matrix.hidden = true;
    view.hidden = false;
    document.title = `${play.id}: ${play.grade}`;
    showLadder(play, article);
    showSteps(cell);
    scrollTo(0, 0);
    element<HTMLElement>("h2", article).focus({ preventScroll: true });
  } catch (error) {
    showMatrix(undefined);
    tell(`${id} cannot be opened: ${error instanceof Error ? error.message : error}`);
  }
}

function showMatrix(unknown: string | undefined): void {
  const from = open;
  open = undefined;
  view.hidden = true;
  matrix.hidden = false;
  article.replaceChildren();
  document.title = title;
  tell(unknown === undefined ? "" : `No play of this run is named ${unknown}.`);
  if (from === undefined) return;
  scrollTo(0, scrolled);
  from.focus({ preventScroll: true });
}

function tell(text: string): void {
  notice.textContent = text;
  notice.hidden = text === "";
}

/** The plays before and after, as the filter stands; where there is none, the button rests. */
function showSteps(cell: HTMLAnchorElement): void {
  for (const button of view.querySelectorAll<HTMLButtonElement>("[data-step]")) {
    const next = neighbour(cell, Number(button.dataset.step));
    button.disabled = next === undefined;
    button.title = next?.hash.slice(1) ?? "";
  }
}

function neighbour(cell: HTMLAnchorElement, step: number): HTMLAnchorElement | undefined {
  const shown = shownCells();
  const at = shown.indexOf(cell);
  return at < 0 ? undefined : shown[at + step];
}

async function copy(button: HTMLButtonElement): Promise<void> {
  const code = element<HTMLElement>("code", button.parentElement ?? view);
  try {
    await navigator.clipboard.writeText(code.textContent ?? "");
    button.textContent = "Copied";
  } catch {
    // No clipboard for files from disk in some browsers: leave the text selected, to be copied by hand.
    getSelection()?.selectAllChildren(code);
    button.textContent = "Selected";
  }
}

view.addEventListener("click", (event) => {
  const button = (event.target as Element).closest<HTMLButtonElement>("button");
  if (button?.dataset.copy !== undefined) void copy(button);
  const next =
    open === undefined || button?.dataset.step === undefined ? undefined : neighbour(open, Number(button.dataset.step));
  if (next !== undefined) location.hash = next.hash;
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && open !== undefined) location.hash = "";
});
addEventListener("hashchange", () => void follow());
addEventListener("beforeprint", () => {
  for (const details of view.querySelectorAll("details")) details.open = true;
});

startFilter(resetTab);
startWalk();
void follow();
