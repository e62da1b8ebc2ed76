import { describe, expect, test } from "vitest";
import type { AnchorChange, Transcript, WitnessedLine } from "../transcript.ts";
import type { Evidence } from "./evidence.ts";
import { rulesBeforeLine } from "./rules-before-line.ts";

/** What happened, in order: the anchor got rules for a port (0: it was emptied), or a PORT of the proxy's crossed. */
type Happening = { readonly rulesFor: number; readonly anchor?: string } | { readonly announces: number };

function verdictOn(happenings: readonly Happening[], sampled = false): string {
  const anchorChanges: AnchorChange[] = [];
  const lines: WitnessedLine[] = [];
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
  const transcript = { lines, anchorChanges } as unknown as Transcript;
  const evidence = { transcript, terminates: true, sampled, profile: "ftp-proxy" } as unknown as Evidence;
  const { verdict, detail } = rulesBeforeLine(evidence);
  return verdict === "held" ? verdict : detail.replace(/^.*was sent on /, "");
}

describe("a line that announces a port holds when its rules", () => {
  test("are in force", () => {
    expect(verdictOn([{ rulesFor: 50_001 }, { announces: 50_001 }, { rulesFor: 0 }])).toBe("held");
  });

  test("have been replaced by those of negotiations whose lines come later", () => {
    const burst = [50_001, 50_002, 50_003];
    const rules = burst.map((rulesFor) => ({ rulesFor }));
    expect(verdictOn([...rules, ...burst.map((announces) => ({ announces }))])).toBe("held");
  });

  test("are for a port that an earlier negotiation of the burst had too", () => {
    const burst = [50_001, 50_002, 50_001, 50_003];
    const rules = burst.map((rulesFor) => ({ rulesFor }));
    expect(verdictOn([...rules, ...burst.map((announces) => ({ announces }))])).toBe("held");
  });

  test("stayed while another session's came and went", () => {
    const other = { anchor: "4711.2" };
    const happenings = [
      { rulesFor: 50_001 },
      { rulesFor: 50_002, ...other },
      { rulesFor: 0, ...other },
      { announces: 50_001 },
    ];
    expect(verdictOn(happenings)).toBe("held");
  });
});

describe("and is broken when they", () => {
  test("come after it, however soon", () => {
    expect(verdictOn([{ announces: 50_001 }, { rulesFor: 50_001 }])).toBe(
      "while no rule in the anchor was for port 50001",
    );
  });

  test("are for another port", () => {
    expect(verdictOn([{ rulesFor: 50_002 }, { announces: 50_001 }])).toContain("no rule");
  });

  test("have been taken away before it", () => {
    expect(verdictOn([{ rulesFor: 50_001 }, { rulesFor: 0 }, { announces: 50_001 }])).toContain("taken away");
  });

  test("were replaced by those of a line that has overtaken it", () => {
    const happenings = [{ rulesFor: 50_001 }, { rulesFor: 50_002 }, { announces: 50_002 }, { announces: 50_001 }];
    expect(verdictOn(happenings)).toContain("replaced");
  });
});

describe("where the anchor is only read now and then", () => {
  test("rules that a reading shows before the line are as good as anywhere", () => {
    expect(verdictOn([{ rulesFor: 50_001 }, { announces: 50_001 }], true)).toBe("held");
  });

  test("a line without a reading of its rules is no proof of anything, and that is said", () => {
    expect(verdictOn([{ announces: 50_001 }, { rulesFor: 50_001 }], true)).toBe(
      "not observable here: no reading of the anchor shows port 50001 yet",
    );
  });
});
