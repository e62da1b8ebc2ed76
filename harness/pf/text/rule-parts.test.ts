import { describe, expect, test } from "vitest";
import { partsOf, partsText } from "./rule-parts.ts";
import { splitStatements } from "./statements.ts";

function parts(text: string) {
  const [statement] = splitStatements(text);
  return statement === undefined ? undefined : partsOf(statement, text);
}

describe("the parts of a rule", () => {
  test("are its clauses as they are written", () => {
    expect(
      parts(
        'pass in log (all) quick on { $int em2 } inet proto tcp from <lan> to ! $fw port { ftp 990 } flags S/SA divert-to 127.0.0.1 port 8021 label "x y"',
      ),
    ).toEqual({
      action: "pass",
      passes: false,
      direction: "in",
      log: "log (all)",
      quick: true,
      on: "{ $int em2 }",
      family: "inet",
      protocol: "tcp",
      from: "<lan>",
      to: "! $fw port { ftp 990 }",
      clauses: [
        { name: "flags", value: "S/SA" },
        { name: "divert-to", value: "127.0.0.1 port 8021" },
        { name: "label", value: '"x y"' },
      ],
    });
  });

  test("of a translation rule of the older language end in its pool", () => {
    expect(parts("rdr pass on $int proto tcp from any to any port 21 -> 127.0.0.1 port 8021")).toMatchObject({
      action: "rdr",
      passes: true,
      on: "$int",
      to: "any port 21",
      clauses: [{ name: "->", value: "127.0.0.1 port 8021" }],
    });
  });

  test.each([
    "block return in on ! lo0 proto tcp to port 6000:6010",
    "match out on egress inet from ! (egress:network) nat-to (egress:0) static-port",
    'anchor "ftp-proxy/*" in on em0',
    "no nat on $ext from $lan to $lan",
    "scrub in on em0 all no-df max-mss 1440",
    "pass out proto tcp ! tagged X keep state (max 10, if-bound)",
    "block return-icmp (port-unr) all",
    "pass out set prio 5 set queue (a, b) queue c",
  ])("give the rule again: %s", (text) => {
    const found = parts(text);
    expect(found && partsText(found).replace(/ all$/, "")).toBe(text.replace(/ all$/, ""));
  });

  test("are not asked of macros and options", () => {
    expect(parts("set skip on lo")).toBeUndefined();
    expect(parts('pass = "x"')).toBeUndefined();
  });
});
