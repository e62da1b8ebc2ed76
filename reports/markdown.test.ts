import { expect, test } from "vitest";
import { matrixMarkdown } from "./markdown.ts";
import { manyPlays } from "./sample/many-plays.ts";
import { sampleRun } from "./sample/sample-run.ts";

const text = matrixMarkdown(sampleRun);

test("every row of the table has as many cells as its head", () => {
  const rows = text.split("\n").filter((line) => line.startsWith("|"));
  const cells = (line: string) => line.replaceAll("\\|", "").split("|").length;
  expect(rows.length).toBeGreaterThan(5);
  expect(new Set(rows.map(cells)).size).toBe(1);
});

test("counts are told in the five words", () => {
  expect(text.split("\n")[0]).toBe(
    "**9 plays**, seed 7: ✅ 4 passed · ❌ 2 failed · 🔶 1 unsupported · ➖ 1 does not apply · ⭕ 1 not run",
  );
});

test("a failure names the rule that dropped its packet, and how to repeat it", () => {
  expect(text).toContain("dropped by pf.conf:4: block drop log all");
  expect(text).toContain("`npx anchorage repro 'active/port@core,sim,inet,forward' --seed 7`");
});

test("hostile text makes no HTML, no mention, no code and no cell", () => {
  const outside = text.replaceAll(/`[^`\n]*`/g, "");
  expect(outside.replaceAll("<!-- -->", "")).not.toContain("<");
  expect(outside).not.toMatch(/@\w/);
  const reason = text.split("\n").find((line) => line.includes("hostile-reply@"));
  expect(reason).toContain("\\`code\\`");
  expect(reason).toContain("\\|");
});

test("2000 plays fit a comment, and what is left out is told", () => {
  const long = matrixMarkdown(manyPlays(2000));
  expect(long.length).toBeLessThanOrEqual(60_000);
  expect(long).toMatch(/\d+ more scenarios are left out here for length/);
  const short = matrixMarkdown(manyPlays(2000), { limit: 4000 });
  expect(short.length).toBeLessThanOrEqual(4000);
  expect(short).toMatch(/- and \d+ more/);
});
