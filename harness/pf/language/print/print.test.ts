/** What printing adds on request: numbers, names of ports, sizes. */

import { describe, expect, it } from "vitest";
import { judgeMachine } from "../fixtures/judge-machine.ts";
import { parseRuleset } from "../parse.ts";
import { printRule, printRules } from "./print.ts";

const parse = (text: string) => parseRuleset(text, { interfaces: judgeMachine }).ruleset.rules;

describe("printing", () => {
  it("indents inline anchors, and numbers rules instead with -vv", () => {
    const rules = parse('anchor "x" in {\npass\nanchor {\nblock\n}\n}\npass out\n');
    expect(printRules(rules)).toEqual([
      'anchor "x" in all {',
      "  pass all flags S/SA",
      "  anchor all {",
      "    block drop all",
      "  }",
      "}",
      "pass out all flags S/SA",
    ]);
    expect(printRules(rules, { numbers: true }).slice(0, 3)).toEqual([
      '@0 anchor "x" in all {',
      "@0 pass all flags S/SA",
      "@1 anchor all {",
    ]);
  });

  it("names ports where one is compared, with -P", () => {
    const [first, second] = parse("pass proto tcp to port { ftp, 1000:2000 }\n");
    expect(printRule(first!, { portNames: true })).toBe("pass proto tcp from any to any port = ftp flags S/SA");
    expect(printRule(second!, { portNames: true })).toBe("pass proto tcp from any to any port 1000:2000 flags S/SA");
  });

  it("shows sizes of tables and interfaces, with -vv", () => {
    const [rule] = parse("pass from <t> to (em0)\n");
    const count = ({ kind }: { kind: string }) => (kind === "table" ? 3 : undefined);
    expect(printRule(rule!, { count, number: 7, expired: true })).toBe(
      "@7 pass from <t:3> to (em0:*) flags S/SA # expired",
    );
  });

  it("lets one text rule be several, sharing an inline anchor", () => {
    const [first, second] = parse("anchor on { em0 lo0 } {\npass\n}\n");
    expect(first).toMatchObject({ kind: "anchor", internalName: "_1", rules: [{ kind: "filter" }] });
    expect(second).toMatchObject({ kind: "anchor", internalName: "_1", interface: { name: "lo0" } });
    expect(second).not.toHaveProperty("rules");
  });
});
