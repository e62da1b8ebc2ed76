import fc from "fast-check";
import { expect, test } from "vitest";
import { cutText, padText, textWidth, wrapText } from "./text-width.ts";

test("wide characters take two cells, combining marks none", () => {
  expect(textWidth("PASV")).toBe(4);
  expect(textWidth("歡迎")).toBe(4);
  expect(textWidth("e\u0301")).toBe(1);
});

test("lines break at blanks, and long words where they must", () => {
  expect(wrapText("227 Entering Passive Mode", 12)).toEqual(["227 Entering", "Passive Mode"]);
  expect(wrapText("abcdefgh", 3)).toEqual(["abc", "def", "gh"]);
  expect(wrapText("", 10)).toEqual([""]);
});

test("wrapping loses nothing but blanks, and no line is too wide", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 2, max: 40 }), (text, width) => {
      const lines = wrapText(text, width);
      expect(lines.join("").replaceAll(" ", "")).toBe(text.replaceAll(" ", ""));
      for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(width);
    }),
  );
});

test("what is cut says so, and fits", () => {
  expect(cutText("abcdef", 4)).toBe("abc…");
  expect(cutText("歡迎光臨", 4)).toBe("歡…");
  expect(cutText("abc", 3)).toBe("abc");
  expect(padText("歡", 4)).toBe("歡  ");
});
