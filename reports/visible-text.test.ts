import fc from "fast-check";
import { expect, test } from "vitest";
import { visible, visibleLines } from "./visible-text.ts";

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

test("whatever comes in, nothing invisible goes out, and a second time changes nothing", () => {
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
