/**
 * Same seed, same run, byte for byte: results (real time aside) and captures.
 */

import { expect, test } from "vitest";
import { ownChoice, playCells } from "../harness/run/play-catalogue.fixture.ts";
import { select } from "../harness/run/selection.ts";

const IDS = ["passive/pasv", "active/eprt", "libraries/transfers-epsv"];

async function run(seed: number) {
  const captures: string[] = [];
  const result = await playCells(select(await ownChoice(), { ids: IDS }, seed), {
    seed,
    keepsCapture: () => true,
    onResult: async (_play, capture) => {
      captures.push(Buffer.from(capture ?? []).toString("base64"));
      return undefined;
    },
  });
  return { results: JSON.stringify(result), captures };
}

test("two runs with one seed are identical", async () => {
  const [first, second] = [await run(7), await run(7)];
  expect(second.results).toBe(first.results);
  expect(first.captures.some((capture) => capture !== "")).toBe(true);
  expect(second.captures).toEqual(first.captures);
});

test("another seed chooses other ports", async () => {
  expect((await run(8)).results).not.toBe((await run(7)).results);
});
