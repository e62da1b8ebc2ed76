/**
 * Plays, packed for the page: JSON in parts of some dozen plays, each deflated and in base64. The page unpacks
 * one part when a play of it is opened, so thousands of plays cost nothing until then.
 */
import { deflateSync } from "node:zlib";
import type { PlayResult } from "../model.ts";
import { playsPerPart } from "./parts.ts";

/** Base64 has no `<`, so a part may stand in a script element as it is. */
export function packPlays(plays: readonly PlayResult[]): string[] {
  const parts: string[] = [];
  for (let start = 0; start < plays.length; start += playsPerPart) {
    const json = JSON.stringify(plays.slice(start, start + playsPerPart));
    parts.push(deflateSync(json, { level: 9 }).toString("base64"));
  }
  return parts;
}
