/** The language against pfctl of OpenBSD 7.8: our own 300 random files (in fixtures/) and its answers. */

import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { checkRuleset } from "./check.ts";
import { judgeMachine } from "./fixtures/judge-machine.ts";

interface Case {
  readonly id: string;
  readonly text: string;
  readonly accepted: boolean;
  /** stdout of `pfctl -o none -nvf -`; of refused files stderr follows. */
  readonly output: string;
}

/** Keys that pfctl draws at random, and a last newline, do not count. */
const comparable = (text: string) => text.replace(/source-hash 0x[0-9a-f]{32}/g, "source-hash KEY").trimEnd();

const cases: readonly Case[] = JSON.parse(
  gunzipSync(readFileSync(new URL("./fixtures/pfctl-7.8.json.gz", import.meta.url))).toString(),
);

describe(`${cases.length} random files, judged by pfctl of OpenBSD 7.8`, () => {
  it.each(cases)("$id reads as there, accepted: $accepted", ({ text, accepted, output }) => {
    const ours = checkRuleset(text, { interfaces: judgeMachine });
    expect(comparable(ours.stdout + (accepted ? "" : ours.stderr))).toBe(comparable(output));
    expect(ours.status).toBe(accepted ? 0 : 1);
  });
});
