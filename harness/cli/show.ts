/**
 * `anchorage show ID`: what a scenario is about, where its expectation comes from, and whether FTP works.
 * `anchorage show captures/NAME`: one recorded run of the real ftp-proxy.
 */

import { Command } from "commander";
import { describeExpectation, expectationOf } from "../contract/expectation.ts";
import type { CatalogueEntry, Scenario } from "../contract/scenario.ts";
import type { Profile } from "../contract/subject.ts";
import { isCalled, perhapsMeant } from "../run/selection.ts";
import { UsageError } from "./exit-status.ts";
import { type FilterOptions, filtersFrom, readChoice } from "./filters.ts";
import { addOwnPlayers } from "./own-players.ts";

type ShowOptions = FilterOptions & { readonly json?: boolean };

export const showCommand = (): Command =>
  addOwnPlayers(new Command("show"))
    .description("show one scenario (its quirk, its sources, what comes of it) or one capture")
    .argument("<id>", "scenario id, as `anchorage list` prints it, or a capture, as a scenario's sources name it")
    .option("--scenarios <folder...>", "more scenarios, from folders of your own")
    .option("--json", "as JSON")
    .action(async (id: string, options: ShowOptions) => {
      process.stdout.write(id.startsWith("captures/") ? await captureNamed(id) : await scenarioNamed(id, options));
    });

async function captureNamed(name: string): Promise<string> {
  const { OWN_CAPTURES, readCaptures } = await import("../tools/replay/captures/capture-archive.ts");
  const text = (await readCaptures(OWN_CAPTURES)).get(name);
  if (text === undefined) {
    throw new UsageError(`no capture is called "${name}"; docs/reference/captures/README.md lists the archives`);
  }
  return text;
}

async function scenarioNamed(id: string, options: ShowOptions): Promise<string> {
  const { catalogue } = await readChoice(filtersFrom([], options), options);
  const entry = catalogue.find((one) => isCalled(one, id));
  if (entry === undefined) throw new UsageError(`no scenario is called "${id}"; ${perhapsMeant(id, catalogue)}`);
  return options.json === true ? asJson(entry) : asText(entry);
}

function asJson({ id, scenario, file }: CatalogueEntry): string {
  const { title, quirk, sources, priority, modes, families, sides, eras, proxyArgs, needs } = scenario;
  const expect = Object.fromEntries(expectationsOf(scenario));
  const facts = { id, title, quirk, sources, priority, modes, families, sides, eras, proxyArgs, needs, expect, file };
  return `${JSON.stringify(facts, null, 2)}\n`;
}

function asText(entry: CatalogueEntry): string {
  const { scenario } = entry;
  const facts: readonly (readonly [string, string])[] = [
    ["Families", scenario.families.join(", ")],
    ["Sides", scenario.sides.join(", ")],
    ["Eras", scenario.eras.join(", ")],
    ["Modes", scenario.modes.join(", ") || "control connection only"],
    ["Priority", String(scenario.priority)],
    ["Players", `${scenario.client.name} (client), ${scenario.server.name} (server)`],
    ["ftp-proxy", scenario.proxyArgs.join(" ") || "no options but those of the side and family"],
    ...expectationsOf(scenario).map(([profile, answer]) => [`With ${profile}`, answer] as const),
    entry.options === undefined ? ["File", entry.file] : ["Asked for by", entry.options],
    ["Sources", scenario.sources.join(`\n${" ".repeat(17)}`)],
  ];
  const lines = facts.map(([name, value]) => `${`${name}:`.padEnd(16)} ${value}`);
  const capture = scenario.sources.find((source) => source.startsWith("captures/"));
  const hint = capture === undefined ? "" : `\nTo read a capture: anchorage show ${capture}\n`;
  return `${entry.id}: ${scenario.title}\n\n${wrap(scenario.quirk)}\n\n${lines.join("\n")}\n${hint}`;
}

/** What is expected of each kind of subject: one answer, or several with the era, family and side of each. */
function expectationsOf(scenario: Scenario): readonly (readonly [string, string])[] {
  return (Object.keys(scenario.expect) as Profile[]).map((profile) => {
    const where = new Map<string, string[]>();
    for (const era of scenario.eras) {
      for (const family of scenario.families) {
        for (const side of scenario.sides) {
          const answer = describeExpectation(expectationOf(scenario.expect, profile, { side, family, era }));
          const cells = where.get(answer) ?? [];
          if (!cells.includes(`${family} ${side}`)) where.set(answer, [...cells, `${family} ${side}`]);
        }
      }
    }
    const [[only = ""] = []] = where;
    const several = [...where].map(([answer, cells]) => `${cells.join(", ")}: ${answer}`).join("; ");
    return [profile, where.size <= 1 ? only : several];
  });
}

/** Breaks a paragraph at blanks. */
const wrap = (text: string, width = 78): string =>
  text.replace(new RegExp(`(?=.{${width}})(.{1,${width}}) `, "g"), "$1\n");
