import fc from "fast-check";
import { expect, test } from "vitest";
import { droppedSynPlay, passivePlay } from "../test/sample-run.ts";
import { cutText, padText, textWidth, visible, visibleLines, wrapText } from "./text.ts";
import { decisiveDrop, dropCause, dropsOf, playInWords } from "./wording.ts";

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

test("cut text ends in … and fits", () => {
  expect(cutText("abcdef", 4)).toBe("abc…");
  expect(cutText("歡迎光臨", 4)).toBe("歡…");
  expect(cutText("abc", 3)).toBe("abc");
  expect(padText("歡", 4)).toBe("歡  ");
});

test("terminal escapes, NULs, right-to-left marks and broken surrogates are shown, not sent", () => {
  expect(visible("\u001b[2J")).toBe("\\x1b[2J");
  expect(visible("a\u0000b")).toBe("a\\x00b");
  expect(visible("\u202eevil")).toBe("\\u{202e}evil");
  expect(visible("\ud800")).toBe("\\u{d800}");
  expect(visible("a\r\n\tb")).toBe("a\\r\\n\\tb");
});

test("words in any script stay as they are", () => {
  for (const text of ["добро пожаловать", "歡迎", "e\u0301te\u0301", "🐚 ü"]) expect(visible(text)).toBe(text);
});

test("no invisible character is left, and a second pass changes nothing", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const shown = visible(text);
      expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      expect(visible(shown)).toBe(shown);
    }),
  );
});

test("several lines keep their line ends and nothing else", () => {
  expect(visibleLines("a\r\nb\u001bc\n\td")).toBe("a\nb\\x1bc\n    d");
});

const [drop] = dropsOf(droppedSynPlay);

test("the first dropped packet of the players decides, never one of the intruder", () => {
  const timeline = [{ ...drop!, from: "intruder" as const }, drop!, { ...drop!, packet: "later" }];
  expect(decisiveDrop({ grade: "failed", timeline })).toBe(drop);
  expect(decisiveDrop({ grade: "failed", timeline: timeline.slice(0, 1) })).toBeUndefined();
});

test("a play that passed blames no packet, though one was dropped as expected", () => {
  expect(decisiveDrop({ grade: "passed", timeline: [drop!] })).toBeUndefined();
  expect(playInWords(passivePlay)).toBe("passed: works");
});

test("a packet that no rule dropped carries the reason that pf counted", () => {
  const { rule: _, ...unruled } = drop!;
  expect(dropCause({ ...unruled, reason: "state-limit" })).toBe("no rule (state-limit)");
});
