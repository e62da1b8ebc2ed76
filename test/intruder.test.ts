/** Whoever looks for harm changes nothing else: the same play with and without intruders gives the same answers. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Cell, templateFor } from "../harness/play/cell.ts";
import { play } from "../harness/play/play.ts";
import { ownChoice } from "../harness/run/play-catalogue.fixture.ts";
import { type Filters, select } from "../harness/run/selection.ts";
import type { PlayResult } from "../reports/model.ts";

const ERAS = ["divert-to", "rdr-to", "rdr-anchor"] as const;

async function cells(filters: Filters): Promise<Cell[]> {
  const planned = select(await ownChoice(), { labs: ["sim"], eras: ERAS, ...filters }, 1);
  return planned.flatMap(({ plan, cell }) => (plan === "play" ? [cell] : []));
}

/** All answers but harm. Differences of the letter may be seen a little later. */
const answers = ({ service, letter, grade, outcome }: PlayResult) => ({
  ...{ service, grade, outcome },
  letter: { ...letter, differences: letter?.differences.map(({ atMs: _, ...difference }) => difference) },
});

/** Plays the cell both ways, and returns the result of the play with intruders. */
async function sameAnswers(cell: Cell): Promise<PlayResult> {
  const { result } = await play(cell);
  const alone = await play(cell, { alone: true });
  expect(answers(result)).toEqual(answers(alone.result));
  return result;
}

const PLAYS = 400;

test("in the catalogue, in all eras", { timeout: 60_000 }, async () => {
  const all = await cells({ subjects: ["core", "core-late-classic", "none"] });
  // Fifty sessions, and they prove nothing more here.
  const quick = all.filter(({ entry }) => entry.id !== "data/proxy-port-collision");
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...quick), async (cell) => {
      expect((await sameAnswers(cell)).harm).toMatchObject({ policy: [] });
    }),
    { numRuns: PLAYS },
  );
});

describe("where attempts get through", () => {
  /** The inside may do anything, and nothing is blocked for it. */
  const open = async (cell: Cell): Promise<Cell> => {
    const template = await templateFor(cell);
    return { ...cell, pfConf: `${template.replace(/^block log all$/m, "")}\npass\n` };
  };
  const IDS = ["passive/pasv", "passive/epsv", "active/port", "active/eprt", "security/data-port-stealing"];

  test("a rule set that passes everything: policy, not harm, and the session is served", async () => {
    const chosen = await cells({ ids: IDS, subjects: ["core", "core-late-classic"], sides: ["forward"] });
    for (const cell of chosen) {
      const { harm, service, grade } = await sameAnswers(await open(cell));
      expect({ id: cell.entry.id, harm: harm?.verdict, service: service?.verdict, grade }).toEqual({
        id: cell.entry.id,
        harm: "none",
        service: "works",
        grade: "passed",
      });
    }
  });

  test("an intruder who takes the only state is seen, and takes nothing from the answers", async () => {
    // The shape of FreeBSD's own test: the intruder inside is translated to the address that the rules ask for.
    const pfConf = `nat on em0 inet from 10.0.0.0/24 to any -> (em0)
nat-anchor "ftp-proxy/*"
rdr-anchor "ftp-proxy/*"
rdr pass on em1 proto tcp from 10.0.0.0/24 to any port 21 -> 127.0.0.1 port 8021
anchor "ftp-proxy/*"
pass out proto tcp from 127.0.0.1 to any port 21
`;
    const one = { families: ["inet"], sides: ["forward"], eras: ["rdr-anchor"] } as const;
    const [cell] = await cells({ ids: ["passive/epsv"], subjects: ["core-late-classic"], ...one });
    if (cell === undefined) throw new Error("no such cell");
    const { service, harm } = await sameAnswers({ ...cell, pfConf });
    expect(service?.verdict).toBe("works");
    expect(harm?.verdict).toBe("none");
    expect(harm?.policy).toContainEqual(expect.stringMatching(/^inside intruder reaches 198\.51\.100\.7 at port /));
  });
});
