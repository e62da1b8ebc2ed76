import { expect, test } from "vitest";
import { droppedSynPlay, passivePlay } from "../test/sample-run/run.ts";
import { decisiveDrop, dropCause, dropsOf, playInWords } from "./wording.ts";

const [drop] = dropsOf(droppedSynPlay);

test("what an intruder lost decides nothing; the players' own first dropped packet does", () => {
  const timeline = [{ ...drop!, from: "intruder" as const }, drop!, { ...drop!, packet: "later" }];
  expect(decisiveDrop({ grade: "failed", timeline })).toBe(drop);
  expect(decisiveDrop({ grade: "failed", timeline: timeline.slice(0, 1) })).toBeUndefined();
});

test("a play that passed blames no packet, though one was dropped as expected", () => {
  expect(decisiveDrop({ grade: "passed", timeline: [drop!] })).toBeUndefined();
  expect(playInWords(passivePlay)).toBe("passed: completed");
});

test("a packet that no rule dropped is told with what pf counted", () => {
  const { rule: _, ...unruled } = drop!;
  expect(dropCause({ ...unruled, reason: "state-limit" })).toBe("no rule (state-limit)");
});
