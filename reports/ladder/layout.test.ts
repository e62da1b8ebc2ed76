import { expect, test } from "vitest";
import { droppedSynPlay, passivePlay } from "../sample/transfer-plays.ts";
import { textWidth } from "../text-width.ts";
import { lanesOf } from "./lanes.ts";
import { type LadderMetrics, layLadder } from "./layout.ts";
import { ladderRows } from "./rows.ts";

const between: LadderMetrics = { width: 80, timeWidth: 8, panelWidth: 0, inset: 4, arrowBelow: 0, rowGap: 0 };
const beside: LadderMetrics = { ...between, width: 170, panelWidth: 60, arrowBelow: 0.5, rowGap: 0.5 };

for (const [name, metrics] of Object.entries({ between, beside })) {
  const laid = layLadder(lanesOf(passivePlay), ladderRows(passivePlay, { log: true }), metrics);

  test(`rules ${name}: nothing stands outside the width`, () => {
    for (const { texts } of laid.rows) {
      for (const { x, text } of texts) expect(x + textWidth(text)).toBeLessThanOrEqual(metrics.width);
    }
  });

  test(`rules ${name}: no two texts stand on the same cells`, () => {
    const taken = new Set<string>();
    for (const { x, y, text } of laid.rows.flatMap(({ texts }) => texts)) {
      for (let at = x; at < x + textWidth(text); at++) {
        // Half lines of the drawing are no lines of their own: what counts is the box of one text.
        expect(taken.has(`${at},${y}`), `${text} at ${at},${y}`).toBe(false);
        taken.add(`${at},${y}`);
      }
    }
  });

  test(`rules ${name}: time runs downwards`, () => {
    const ys = laid.rows.map(({ y }) => y);
    expect(ys).toEqual([...ys].sort((a, b) => a - b));
  });

  test(`rules ${name}: the bar of open rules runs from the load to the removal`, () => {
    const [load, removal] = laid.rows.filter(({ row }) => row.kind === "rules");
    expect(laid.open).toEqual([{ fromY: load!.y + 0.5, toY: removal!.y + 0.5 }]);
  });
}

test("rules that are never taken away stay open to the end", () => {
  const laid = layLadder(lanesOf(droppedSynPlay), ladderRows(droppedSynPlay), between);
  expect(laid.open.map(({ toY }) => toY)).toEqual([laid.height]);
});

test("the rules are in the anchor above the line that tells the client of them", () => {
  const laid = layLadder(lanesOf(passivePlay), ladderRows(passivePlay), beside);
  const load = laid.rows.find(({ row }) => row.kind === "rules");
  const rewritten = laid.rows.find(({ row }) => row.kind === "message" && row.insteadOf !== undefined);
  expect(load!.y).toBeLessThan(rewritten!.y);
});
