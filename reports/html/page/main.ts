/**
 * The script of the page: opens plays by the hash of the address, and goes back to the matrix, which is in the document.
 * Everything put into the document comes from `markup`, which escapes.
 */
import type { PlayResult } from "../../model.ts";
import { partId, partOf, playHref, playInHash } from "../addresses.ts";
import { cellWidth, ladderDrawing } from "../ladder-drawing.ts";
import { playView } from "../play-view.ts";
import { cellAt, cellsIn, element, shownPlaces, startFilter, startKeys } from "./matrix.ts";

const matrix = element<HTMLElement>("#matrix");
const view = element<HTMLElement>("#play");
const article = element<HTMLElement>("#play article");
const notice = element<HTMLElement>("#notice");
const title = document.title;
/** Addresses of the plays, by place: the second view has a cell for each. */
const hrefs = cellsIn("letter").map((cell) => cell.getAttribute("href") ?? "");
/** The place of the open play. */
let open: number | undefined;
let scrolled = 0;
const unpacked = new Map<number, Promise<PlayResult[]>>();
/** Below this many cells a ladder scrolls sideways instead of growing narrower; above, lines grow too long to read. */
const [leastCells, mostCells] = [76, 184];

let watching: ResizeObserver | undefined;

async function follow(): Promise<void> {
  const id = playInHash(location.hash);
  const place = id === undefined ? -1 : hrefs.indexOf(playHref(id));
  if (place < 0) return showMatrix(id);
  if (open === undefined) scrolled = scrollY;
  open = place;
  try {
    const play = await playAt(place);
    if (open !== place) return; // Another play was chosen in the meantime.
    article.innerHTML = playView(play).text;
    matrix.hidden = true;
    view.hidden = false;
    document.title = `${play.id}: ${play.grade}`;
    showLadder(play, article);
    showSteps(place);
    scrollTo(0, 0);
    element<HTMLElement>("h2", article).focus({ preventScroll: true });
  } catch (error) {
    showMatrix(undefined);
    notify(`${id} cannot be opened: ${error instanceof Error ? error.message : error}`);
  }
}

function showMatrix(unknown: string | undefined): void {
  const from = open;
  open = undefined;
  view.hidden = true;
  matrix.hidden = false;
  article.replaceChildren();
  document.title = title;
  notify(unknown === undefined ? "" : `No play of this run is named ${unknown}.`);
  if (from === undefined) return;
  scrollTo(0, scrolled);
  cellAt(from)?.focus({ preventScroll: true });
}

function notify(text: string): void {
  notice.textContent = text;
  notice.hidden = text === "";
}

/** The plays before and after, that the filter shows; without one, the button is disabled. */
function showSteps(place: number): void {
  for (const button of view.querySelectorAll<HTMLButtonElement>("[data-step]")) {
    const next = neighbour(place, Number(button.dataset.step));
    button.disabled = next === undefined;
    button.title = next?.slice(1) ?? "";
  }
}

/** The address of the play before or after. */
function neighbour(place: number, step: number): string | undefined {
  const shown = shownPlaces();
  const at = shown.indexOf(place);
  return at < 0 ? undefined : hrefs[shown[at + step] ?? -1];
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

/** Rejects if the page is damaged, or the browser older than DecompressionStream. */
async function playAt(place: number): Promise<PlayResult> {
  const { part, index } = partOf(place);
  let plays = unpacked.get(part);
  if (plays === undefined) {
    plays = unpack(document.getElementById(partId(part))?.textContent ?? "");
    unpacked.set(part, plays);
  }
  const play = (await plays)[index];
  if (play === undefined) throw new Error(`the report holds no play number ${place}`);
  return play;
}

async function unpack(base64: string): Promise<PlayResult[]> {
  const bytes = Uint8Array.from(atob(base64.trim()), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text()) as PlayResult[];
}

/** Draws the ladder of the open play at the width there is; again if that width or the chosen extras change. */
function showLadder(play: PlayResult, within: ParentNode): void {
  watching?.disconnect();
  const canvas = within.querySelector<HTMLElement>(".ladder .canvas");
  if (canvas === null) return;
  const boxes = [...within.querySelectorAll<HTMLInputElement>("[data-ladder]")];
  let drawn = "";
  const draw = (): void => {
    const width = Math.floor(canvas.clientWidth / cellWidth);
    const cells = Math.max(leastCells, Math.min(width, mostCells));
    const chosen = Object.fromEntries(boxes.map((box) => [box.dataset.ladder ?? "", box.checked]));
    const wanted = JSON.stringify([cells, chosen]);
    if (wanted === drawn) return;
    drawn = wanted;
    canvas.innerHTML = ladderDrawing(play, { cells, ...chosen }).text;
  };
  for (const box of boxes) box.addEventListener("change", draw);
  watching = new ResizeObserver(draw);
  watching.observe(canvas);
  draw();
}

view.addEventListener("click", (event) => {
  const button = (event.target as Element).closest<HTMLButtonElement>("button");
  if (button?.dataset.copy !== undefined) void copy(button);
  const next =
    open === undefined || button?.dataset.step === undefined ? undefined : neighbour(open, Number(button.dataset.step));
  if (next !== undefined) location.hash = next;
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && open !== undefined) location.hash = "";
});
addEventListener("hashchange", () => void follow());
addEventListener("beforeprint", () => {
  for (const details of view.querySelectorAll("details")) details.open = true;
});

startFilter();
startKeys();
void follow();
