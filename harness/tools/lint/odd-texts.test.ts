/** Texts of any kind: the tools on PF answer, and do not take long for long ones. */

import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Era } from "../../pf/language/eras.ts";
import { convert } from "../convert/convert.ts";
import { explain } from "../explain/explain.ts";
import { lint } from "./lint.ts";

const ERAS: readonly Era[] = ["divert-to", "rdr-to", "rdr-anchor"];

const LINES = ERAS.flatMap((era) =>
  ["forward", "reverse"].flatMap((side) =>
    readFileSync(new URL(`../../../vm/pf/${era}/${side}.conf`, import.meta.url), "utf8").split("\n"),
  ),
);

const PIECES =
  'anchor "ftp-proxy/*" { } ( ) pass block match in out quick on em0 $ext_if inet inet6 proto tcp from any to port ftp 21 divert-to rdr-to nat-to 127.0.0.1 ::1 8021 -> nat rdr no set skip lo include table <t> tag tagged X ! , = \\ # "'.split(
    " ",
  );

const line = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...LINES) },
  { weight: 3, arbitrary: fc.array(fc.constantFrom(...PIECES), { maxLength: 14 }).map((words) => words.join(" ")) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 30 }) },
);
const text = fc.array(line, { maxLength: 25 }).map((lines) => lines.join("\n"));

describe("whatever the text", () => {
  test("lint gives findings that point into it", () => {
    fc.assert(
      fc.property(text, fc.constantFrom(undefined, ...ERAS), fc.boolean(), (conf, era, reverse) => {
        const { findings } = lint(conf, { reverse, ...(era !== undefined && { era }) });
        for (const { line: at } of findings) {
          expect(at).toBeGreaterThanOrEqual(1);
          expect(at).toBeLessThanOrEqual(conf.split("\n").length + 1);
        }
      }),
      { numRuns: 150 },
    );
  });

  test("convert gives a text or says by line why not", () => {
    fc.assert(
      fc.property(text, fc.constantFrom(...ERAS), (conf, to) => {
        const { text: result, refused } = convert(conf, { to });
        expect(result === undefined).toBe(refused.length > 0);
      }),
      { numRuns: 150 },
    );
  });

  test("explain gives a verdict or errors", () => {
    fc.assert(
      fc.property(text, (conf) => {
        const { packets, errors } = explain(conf, ["in on em1 tcp 10.0.0.5:40000 -> 198.51.100.20:21"], {});
        expect(packets.length === 1).toBe(errors.length === 0);
      }),
      { numRuns: 150 },
    );
  });
});
