import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { visible, visibleOnTerminal } from "./visible.ts";

describe("the visible form of a log line", () => {
  it.each([
    // Source: captures abor-urgent-oob, iac-doubled-8bit, port-tab-separator.
    ["\xff\xf4\xf2ABOR\r\n", "\\M^?\\M-t\\M-rABOR\\r\\n"],
    ["PORT\t10", "PORT\t10"],
    ["a\\b", "a\\\\b"],
    ["\x1b[31m", "\\^[[31m"],
    ["\x80\xa0\x7f", "\\M^@\\240\\^?"],
    ["\0\x001", "\\0\\0001"],
  ])("of %j is %s", (text, shown) => {
    expect(visible(text)).toBe(shown);
  });

  it("is one line of printable ASCII, whatever a peer sends", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(visible(String.fromCharCode(...bytes))).toMatch(/^[\t\x20-\x7e]*$/);
      }),
    );
  });

  it("is cut at 299 bytes and at 599 characters on a terminal", () => {
    expect(visibleOnTerminal("x".repeat(400))).toHaveLength(299);
    expect(visibleOnTerminal("\xff".repeat(400)).length).toBeLessThan(600);
  });
});
