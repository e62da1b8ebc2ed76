/** Fetches a play out of the packed parts of the page; a part is unpacked once. */
import type { PlayResult } from "../../model.ts";
import { partId, partOf } from "../parts.ts";

const unpacked = new Map<number, Promise<PlayResult[]>>();

/** Rejects if the page is damaged, or the browser older than DecompressionStream. */
export async function playAt(place: number): Promise<PlayResult> {
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
