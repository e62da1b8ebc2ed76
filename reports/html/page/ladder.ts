/** Draws the ladder of the open play at the width there is, again when that width or the chosen extras change. */
import type { PlayResult } from "../../model.ts";
import { cellWidth, ladderDrawing } from "../ladder-drawing.ts";

/** Below this many cells a ladder scrolls sideways instead of growing narrower; above, lines grow too long to read. */
const [leastCells, mostCells] = [76, 184];

let watching: ResizeObserver | undefined;

export function showLadder(play: PlayResult, within: ParentNode): void {
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
