import { describe, expect, test } from "vitest";
import type { AnchorChange, ObservedLine, Timeline } from "../observation/timeline.ts";
import type { Evidence } from "./evidence.ts";
import { hostToHost } from "./invariants.ts";
import { parseExtendedPort, parsePort, rulesBeforeLine } from "./rules-before-line.ts";

/** An event: the anchor got rules for a port (0: it was emptied), or the proxy sent a PORT. */
type Happening = { readonly rulesFor: number; readonly anchor?: string } | { readonly announces: number };

function orderVerdict(happenings: readonly Happening[], sampled = false): string {
  const anchorChanges: AnchorChange[] = [];
  const lines: ObservedLine[] = [];
  for (const one of happenings) {
    if ("rulesFor" in one) {
      const { rulesFor: port, anchor = "4711.1" } = one;
      const rules = port === 0 ? [] : [`pass in quick from 198.51.100.7 to 198.51.100.1 port = ${port} flags S/SA`];
      anchorChanges.push({ atMs: 0, anchor, before: [], rules });
    } else {
      lines.push({
        ...{ leg: "server", towards: "server", session: 1, opaque: false, atMs: 0, insteadOf: "PORT 10,0,0,5,156,64" },
        text: `PORT 198,51,100,1,${one.announces >> 8},${one.announces & 255}\r\n`,
        changesBefore: anchorChanges.length,
      });
    }
  }
  const timeline = { lines, anchorChanges } as unknown as Timeline;
  const evidence = { timeline, terminates: true, sampled, profile: "ftp-proxy" } as unknown as Evidence;
  const { verdict, detail } = rulesBeforeLine(evidence);
  return verdict === "held" ? verdict : detail.replace(/^.*was sent on /, "");
}

describe("a line that announces a port holds when its rules", () => {
  test("are in force", () => {
    expect(orderVerdict([{ rulesFor: 50_001 }, { announces: 50_001 }, { rulesFor: 0 }])).toBe("held");
  });

  test("have been replaced by those of negotiations whose lines come later", () => {
    const burst = [50_001, 50_002, 50_003];
    const rules = burst.map((rulesFor) => ({ rulesFor }));
    expect(orderVerdict([...rules, ...burst.map((announces) => ({ announces }))])).toBe("held");
  });

  test("are for a port that an earlier negotiation of the burst had too", () => {
    const burst = [50_001, 50_002, 50_001, 50_003];
    const rules = burst.map((rulesFor) => ({ rulesFor }));
    expect(orderVerdict([...rules, ...burst.map((announces) => ({ announces }))])).toBe("held");
  });

  test("stayed while another session's came and went", () => {
    const other = { anchor: "4711.2" };
    const happenings = [
      { rulesFor: 50_001 },
      { rulesFor: 50_002, ...other },
      { rulesFor: 0, ...other },
      { announces: 50_001 },
    ];
    expect(orderVerdict(happenings)).toBe("held");
  });
});

describe("and is broken when they", () => {
  test("come after it, however soon", () => {
    expect(orderVerdict([{ announces: 50_001 }, { rulesFor: 50_001 }])).toBe(
      "while no rule in the anchor was for port 50001",
    );
  });

  test("are for another port", () => {
    expect(orderVerdict([{ rulesFor: 50_002 }, { announces: 50_001 }])).toContain("no rule");
  });

  test("have been removed before it", () => {
    expect(orderVerdict([{ rulesFor: 50_001 }, { rulesFor: 0 }, { announces: 50_001 }])).toContain("removed");
  });

  test("were replaced by those of a line that has overtaken it", () => {
    const happenings = [{ rulesFor: 50_001 }, { rulesFor: 50_002 }, { announces: 50_002 }, { announces: 50_001 }];
    expect(orderVerdict(happenings)).toContain("replaced");
  });
});

describe("where the anchor is only read now and then", () => {
  test("rules that a reading shows before the line are as good as anywhere", () => {
    expect(orderVerdict([{ rulesFor: 50_001 }, { announces: 50_001 }], true)).toBe("held");
  });

  test("a line without a reading of its rules proves nothing, and the verdict says so", () => {
    expect(orderVerdict([{ announces: 50_001 }, { rulesFor: 50_001 }], true)).toBe(
      "not observable here: no reading of the anchor shows port 50001 yet",
    );
  });
});

describe("the port that a line announces", () => {
  test("PORT and 227: the last two of six numbers", () => {
    expect(parsePort("PORT 10,0,0,5,156,64\r\n")).toBe(40_000);
    expect(parsePort("227 Entering Passive Mode (192,0,2,1,195,80)\r\n")).toBe(50_000);
  });

  test("229: the one number between delimiters", () => {
    expect(parseExtendedPort("229 Entering Extended Passive Mode (|||50000|)\r\n")).toBe(50_000);
  });

  test("EPRT: the last number, not the family before the address", () => {
    expect(parseExtendedPort("EPRT |1|198.51.100.1|59994|\r\n")).toBe(59_994);
    expect(parseExtendedPort("EPRT |2|2001:db8:2::1|59015|\r\n")).toBe(59_015);
    expect(parseExtendedPort("EPRT !1!198.51.100.1!59994!\r\n")).toBe(59_994);
  });

  test("other lines announce nothing", () => {
    expect(parsePort("200 PORT 10,0,0,5,156,64\r\n")).toBeUndefined();
    expect(parseExtendedPort("EPSV ALL\r\n")).toBeUndefined();
  });
});

const RULE =
  "pass in quick on rdomain 0 inet proto tcp from 198.51.100.7 to 198.51.100.1 port = 50001 flags S/SA keep state (max 1) rtable 0 rdr-to 10.0.0.5 port 40000";

/** The verdict on an anchor with these rules, under the name that the lab's events use. */
function ruleVerdict(...rules: readonly string[]) {
  const anchorChanges = [{ atMs: 0, anchor: "ftp-proxy/4711.1", before: [], rules }];
  const timeline = { anchorChanges } as unknown as Timeline;
  return hostToHost({ timeline, terminates: true, sampled: false, era: "divert-to" } as unknown as Evidence);
}

test("a rule from host to host, one port, one state is as it must be", () => {
  expect(ruleVerdict(RULE)).toMatchObject({ verdict: "held", detail: "1 rules checked" });
});

test.each([
  [RULE.replace("from 198.51.100.7 ", "from any "), "not from one host"],
  [RULE.replace("198.51.100.7", "198.51.100.0/24"), "not from one host"],
  [RULE.replace("port = 50001", "port 50001:50002"), "more than one destination port"],
  [RULE.replace("50001", "22"), "destination port 22 is below 1024"],
  [RULE.replace(" (max 1)", ""), "more than one state"],
])("a wider one is reported with its anchor's path, as pfctl -a has it: %s", (wide, fault) => {
  expect(ruleVerdict(RULE, wide)).toMatchObject({ verdict: "broken", detail: `ftp-proxy/4711.1: ${fault}: ${wide}` });
});
