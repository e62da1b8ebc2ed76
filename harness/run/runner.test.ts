import { describe, expect, test } from "vitest";
import { type LabKind, LimitError, type Side } from "../contract/lab.ts";
import sim from "../labs/sim.ts";
import { ownChoice, playCells } from "./play-catalogue.fixture.ts";
import { inLanes, sameSide } from "./runner.ts";
import { type PlannedCell, select } from "./selection.ts";

describe("a run that is stopped", () => {
  test("does not hold the play under way, nor those after it, against any player", async () => {
    const stopping = new AbortController();
    let opened = 0;
    const interruptible: LabKind = {
      ...sim,
      async open(setup) {
        const lab = await sim.open(setup);
        opened++;
        if (opened < 2) return lab;
        stopping.abort();
        // As labs of real time do.
        return { ...lab, run: () => Promise.reject(new LimitError("the run was stopped")) };
      },
    };
    const choice = await ownChoice([interruptible]);
    const filters = { ids: ["passive/epsv", "passive/pasv"], subjects: ["core"], families: ["inet"] as const };
    const planned = (["forward", "reverse"] as const).flatMap((side) =>
      select(choice, { ...filters, sides: [side] }, 1),
    );
    const { plays } = await playCells(planned, { signal: stopping.signal });
    expect(plays.map(({ grade, reason }) => [grade, reason])).toEqual([
      ["passed", undefined],
      ["not-run", "the run was stopped"],
      ["not-run", "the run was stopped"],
      ["not-run", "the run was stopped"],
    ]);
  });
});

describe("a machine that dies in mid-run", () => {
  /** The simulator as a machine that dies during the second play. */
  function mortal(): LabKind {
    let opened = 0;
    const dies = () => Promise.reject(new Error("the agent of firewall is gone: ssh ended with status 255"));
    return {
      ...sim,
      name: "mortal",
      async open(setup) {
        opened++;
        const lab = await sim.open(setup);
        return opened < 2 ? lab : { ...lab, run: dies };
      },
      lost: () => (opened < 2 ? undefined : "firewall: ssh ended with status 255"),
    };
  }

  test("plays under way and to come are not run, with the reason; the run goes on elsewhere", async () => {
    const choice = await ownChoice([mortal(), sim]);
    const filters = { subjects: ["core"], labs: ["mortal", "sim"], sides: ["forward"] as const };
    const planned = [
      ...select(choice, { ...filters, ids: ["passive/epsv"], families: ["inet", "inet6"] }, 1),
      ...select(choice, { ...filters, ids: ["passive/pasv"], families: ["inet"] }, 1),
    ];
    const { plays } = await playCells(planned);
    const lost = "lab lost: firewall: ssh ended with status 255";
    expect(plays.map(({ lab, grade, reason }) => [lab, grade, reason])).toEqual([
      ["mortal", "passed", undefined],
      ["mortal", "not-run", lost],
      ["sim", "passed", undefined],
      ["sim", "passed", undefined],
      ["mortal", "not-run", lost],
      ["sim", "passed", undefined],
    ]);
  });
});

describe("retries", () => {
  /** The simulator, in which so many of the first plays fail. */
  function shaky(failures: number): LabKind {
    let opened = 0;
    return {
      ...sim,
      async open(setup) {
        const lab = await sim.open(setup);
        return opened++ < failures ? { ...lab, run: () => Promise.reject(new Error("a socket was busy")) } : lab;
      },
    };
  }
  const played = async (failures: number, retries: number) => {
    const choice = await ownChoice([shaky(failures)]);
    const filters = { ids: ["passive/pasv"], subjects: ["core"], families: ["inet"], sides: ["forward"] } as const;
    const [one] = (await playCells(select(choice, filters, 1), { retries })).plays;
    return [one?.grade, one?.flaky];
  };

  test("a play that passes at a later attempt is flaky, and says how it failed at first", async () => {
    expect(await played(1, 2)).toEqual(["passed", { attempts: 2, first: "broke off" }]);
    expect(await played(0, 2)).toEqual(["passed", undefined]);
  });

  test("one that never passes has failed", async () => {
    expect(await played(9, 2)).toEqual(["failed", undefined]);
    expect(await played(1, 0)).toEqual(["failed", undefined]);
  });
});

describe("lanes", () => {
  const cells = (...sides: readonly Side[]) => sides.map((side) => ({ cell: { side } }) as unknown as PlannedCell);

  /** Plays that take one turn of the event loop each: what was begun, and how many of each side at once at most. */
  async function played(planned: readonly PlannedCell[], count: number) {
    const begun: PlannedCell[] = [];
    const under = { forward: 0, reverse: 0 };
    const most = { forward: 0, reverse: 0 };
    await inLanes(planned, count, sameSide, async (one) => {
      begun.push(one);
      const { side } = one.cell;
      most[side] = Math.max(most[side], ++under[side]);
      await new Promise((resolve) => setImmediate(resolve));
      under[side] -= 1;
    });
    return { begun, most };
  }

  test("one lane takes the cells in their order", async () => {
    const planned = cells("forward", "reverse", "reverse", "forward");
    expect((await played(planned, 1)).begun).toEqual(planned);
  });

  test("several take each cell once, and keep to their side as long as it has any", async () => {
    const planned = cells(...Array.from({ length: 20 }, (_, index): Side => (index % 4 < 2 ? "forward" : "reverse")));
    const { begun, most } = await played(planned, 4);
    expect(new Set(begun)).toEqual(new Set(planned));
    expect(begun).toHaveLength(planned.length);
    expect(most).toEqual({ forward: 2, reverse: 2 });
  });

  test("lanes of a side that has no cells help the other", async () => {
    expect((await played(cells("forward", "forward", "forward", "forward"), 4)).most.forward).toBe(4);
  });

  test("a cell that breaks off ends the run with its error", async () => {
    await expect(inLanes(cells("forward"), 2, sameSide, () => Promise.reject(new Error("no report")))).rejects.toThrow(
      "no report",
    );
  });
});
