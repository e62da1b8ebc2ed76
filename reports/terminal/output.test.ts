import { expect, test } from "vitest";
import { colorsFor, widthOf } from "./output.ts";

test("colour needs a terminal, and no NO_COLOR", () => {
  const enabled = (isTTY: boolean, env: Record<string, string>) => colorsFor({ isTTY }, env).isColorSupported;
  expect(enabled(true, {})).toBe(true);
  expect(enabled(true, { NO_COLOR: "" })).toBe(true); // no-color.org: when not an empty string
  expect(enabled(true, { NO_COLOR: "1" })).toBe(false);
  expect(enabled(true, { TERM: "dumb" })).toBe(false);
  expect(enabled(false, {})).toBe(false);
});

test("width follows the terminal within reason, and is 80 where there is none", () => {
  expect([undefined, 20, 132, 1000].map((columns) => widthOf(columns === undefined ? {} : { columns }))).toEqual([
    80, 60, 132, 200,
  ]);
});
