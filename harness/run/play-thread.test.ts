import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeReports } from "../../reports/write.ts";
import { type Cell, cellId } from "../play/cell.ts";
import { readCatalogue } from "./catalogue.ts";
import { ownChoice, playCells } from "./play-catalogue.fixture.ts";
import { PlayThread } from "./play-thread.ts";
import { type PlannedCell, select } from "./selection.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "anchorage-threads-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Plays with everything that could differ: libraries over TLS, faulty links, several scenarios in a file. */
test("a run on several threads leaves the same files as on one, byte for byte, and reports in the same order", async () => {
  const ids = ["active", "data", "libraries"];
  const planned = select(await ownChoice(), { ids, subjects: ["core"] }, 7);
  // Only another thread, which loads the scenarios again, can play these.
  const scriptless = planned.map(({ cell, ...rest }) => {
    const scenario = { ...cell.entry.scenario, play: () => Promise.reject(new Error("played in this thread")) };
    return { ...rest, cell: { ...cell, entry: { ...cell.entry, scenario } } } as PlannedCell;
  });
  const run = async (name: string, planned: readonly PlannedCell[], threads: { jobs: number; threads?: object }) => {
    const captures: string[] = [];
    const order: string[] = [];
    const result = await playCells(planned, {
      ...{ seed: 7, ...threads },
      keepsCapture: (grade) => grade === "passed",
      onResult: async ({ id }, capture) => {
        order.push(id);
        // OpenSSL's own random numbers are in the packets of TLS.
        const bytes = id.includes("tls") ? [] : (capture ?? []);
        if (bytes.length > 0) captures.push(`${id} ${createHash("sha256").update(Buffer.from(bytes)).digest("hex")}`);
        return undefined;
      },
    });
    await writeReports(result, join(folder, name));
    const names = await readdir(join(folder, name));
    const files = await Promise.all(names.map((file) => readFile(join(folder, name, file), "utf8")));
    return { files, captures, order };
  };
  const one = await run("one", planned, { jobs: 1 });
  const several = await run("several", scriptless, { jobs: 4, threads: {} });
  expect(planned.filter(({ plan }) => plan === "play").length).toBeGreaterThanOrEqual(200);
  expect(several.order).toEqual(planned.map(({ cell }) => cellId(cell)));
  expect(several.order).toEqual(one.order);
  expect(one.captures.length).toBeGreaterThan(100);
  expect(several.captures).toEqual(one.captures);
  expect(several.files).toEqual(one.files);
}, 300_000);

describe("a thread", () => {
  const bodies = {
    well: "",
    loops: "for (;;);",
    exits: "process.exit(3);",
    forgets: 'void Promise.reject(new Error("left behind"));',
  };
  let cells: Record<keyof typeof bodies, Cell>;

  beforeAll(async () => {
    await mkdir(join(folder, "own", "odd"), { recursive: true });
    for (const [name, body] of Object.entries(bodies)) {
      const text = `import { any, scenario } from "anchorage";
        export default scenario({
          title: "odd", quirk: "It is odd.", sources: ["none"], priority: 1, modes: [], expect: { none: any },
          async play() { ${body} },
        });`;
      await writeFile(join(folder, "own", "odd", `${name}.mjs`), text);
    }
    const choice = { ...(await ownChoice()), catalogue: await readCatalogue(join(folder, "own")) };
    const one = (name: string) =>
      select(choice, { ids: [`odd/${name}`], subjects: ["none"], families: ["inet"], sides: ["forward"] }, 1)[0]!.cell;
    cells = { well: one("well"), loops: one("loops"), exits: one("exits"), forgets: one("forgets") };
  });

  test.each([
    ["loops", 1_000, /^odd\/loops@.* broke off: it did not end within 1 s; does .*loops\.mjs loop for ever\?$/],
    ["exits", 60_000, /^odd\/exits@.* broke off: its thread ended: status 3$/],
    ["forgets", 60_000, /^odd\/forgets@.* broke off: its thread ended: left behind$/],
  ] as const)(
    "whose scenario %s fails that play, and the next one gets a new thread",
    async (name, limitMs, reason) => {
      const thread = new PlayThread({ commandLine: {}, limitMs });
      const { result } = await thread.play(cells[name], {});
      expect(result).toMatchObject({ grade: "failed", outcome: "broke off", reason: expect.stringMatching(reason) });
      expect(result.findings).toEqual([{ kind: "error", message: result.reason }]);
      await thread.close();
      if (name === "loops") return;
      expect((await thread.play(cells.well, {})).result).toMatchObject({ grade: "passed" });
      await thread.close();
    },
  );

  test("that loops ends when the run is stopped, and its play is not run", async () => {
    const stopping = new AbortController();
    const thread = new PlayThread({ commandLine: {} });
    setTimeout(() => stopping.abort(), 500);
    const { result } = await thread.play(cells.loops, { signal: stopping.signal });
    expect(result).toMatchObject({ grade: "not-run", reason: "the run was stopped" });
  });
});
