/** The plays in the page: unpacked when one of their part is asked for, and drawn as ladders at the width there is. */
import type { LadderOptions } from "../../ladder/rows.ts";
import type { PlayResult } from "../../model.ts";
import { addressesId, partId, partOf } from "../addresses.ts";
import { cellWidth, ladderDrawing } from "../ladder-drawing.ts";

const unpacked = new Map<string, Promise<unknown>>();

/** Addresses of the plays, by place. */
export const hrefs = (): Promise<string[]> => part(addressesId) as Promise<string[]>;

/** Rejects if the page is damaged, or the browser older than DecompressionStream. */
export async function playAt(place: number): Promise<PlayResult> {
  const { part: number, index } = partOf(place);
  const play = ((await part(partId(number))) as PlayResult[])[index];
  if (play === undefined) throw new Error(`the report holds no play number ${place}`);
  return play;
}

function part(id: string): Promise<unknown> {
  let found = unpacked.get(id);
  if (found === undefined) {
    found = unpack(document.getElementById(id)?.textContent ?? "");
    unpacked.set(id, found);
  }
  return found;
}

async function unpack(base64: string): Promise<unknown> {
  const bytes = Uint8Array.from(atob(base64.trim()), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}

/** Below this many cells a ladder scrolls sideways instead of growing narrower; above, lines grow too long to read. */
const [leastCells, mostCells] = [76, 184];

/** Draws the ladder, again when the width or the options change; `redraw` after the latter. */
export function drawLadder(
  canvas: HTMLElement,
  play: PlayResult,
  options: () => LadderOptions,
): { readonly redraw: () => void; readonly stop: () => void } {
  let drawn = "";
  const redraw = (): void => {
    const width = Math.floor(canvas.clientWidth / cellWidth);
    const cells = Math.max(leastCells, Math.min(width, mostCells));
    const wanted = JSON.stringify([cells, options()]);
    if (width === 0 || wanted === drawn) return;
    drawn = wanted;
    canvas.innerHTML = ladderDrawing(play, { cells, ...options() }).text;
  };
  const watching = new ResizeObserver(redraw);
  watching.observe(canvas);
  redraw();
  return { redraw, stop: () => watching.disconnect() };
}

/** Draws each piece of a ladder in the failures view when it comes near the window. */
const excerpts = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      excerpts.unobserve(target);
      const canvas = target as HTMLElement;
      void playAt(Number(canvas.dataset.excerpt)).then((play) => drawLadder(canvas, play, () => ({ excerpt: true })));
    }
  },
  { rootMargin: "50%" },
);

export function watchExcerpts(): void {
  for (const canvas of document.querySelectorAll("[data-excerpt]:empty")) excerpts.observe(canvas);
}
