/**
 * `anchorage show ID`: what a scenario is about, where its expectation comes from, and how it must end.
 * `anchorage show captures/NAME`: one recorded session of the real ftp-proxy.
 */

import { Command } from "commander";
import { describeEnd, endOf, type Scenario } from "../contract/scenario.ts";
import type { Profile } from "../contract/subject.ts";
import { UsageError } from "./exit-status.ts";
import { type FilterOptions, filtersFrom, readChoice } from "./filters.ts";
import { addOwnPrograms } from "./own-programs.ts";

export const showCommand = (): Command =>
  addOwnPrograms(new Command("show"))
    .description("show one scenario (its quirk, its sources, how it must end) or one capture")
    .argument("<id>", "scenario id, as `anchorage list` prints it, or a capture, as a scenario's sources name it")
    .option("--scenarios <folder...>", "more scenarios, from folders of your own")
    .option("--json", "as JSON")
    .action(async (id: string, options: FilterOptions & { json?: boolean }) => {
      if (id.startsWith("captures/")) {
        process.stdout.write(await captureNamed(id));
        return;
      }
      const { catalogue } = await readChoice(filtersFrom([], options), options);
      const entry = catalogue.find((one) => one.id === id);
      if (entry === undefined) throw new UsageError(`no scenario is called "${id}"; \`anchorage list\` shows all`);
      const { scenario } = entry;
      const ends = Object.fromEntries(
        Object.keys(scenario.ends).map((name) => [name, endsWith(scenario, name as Profile)]),
      );
      if (options.json === true) {
        const { title, quirk, sources, priority, modes, families, sides, eras, proxyArgs, needs } = scenario;
        const facts = {
          id,
          title,
          quirk,
          sources,
          priority,
          modes,
          families,
          sides,
          eras,
          proxyArgs,
          needs,
          ends,
          file: entry.file,
        };
        console.log(JSON.stringify(facts, null, 2));
        return;
      }
      console.log(`${id}: ${scenario.title}\n\n${wrap(scenario.quirk)}\n`);
      const facts: [string, string][] = [
        ["Families", scenario.families.join(", ")],
        ["Sides", scenario.sides.join(", ")],
        ["Eras", scenario.eras.join(", ")],
        ["Modes", scenario.modes.join(", ") || "control connection only"],
        ["Priority", String(scenario.priority)],
        ["Players", `${scenario.client.name} (client), ${scenario.server.name} (server)`],
        ["ftp-proxy", scenario.proxyArgs.join(" ") || "no options but those of the side and family"],
        ...Object.entries(ends).map(([profile, end]): [string, string] => [`With ${profile}`, end]),
        ["Sources", scenario.sources.join("; ")],
        entry.options === undefined ? ["File", entry.file] : ["Asked for by", entry.options],
      ];
      for (const [name, value] of facts) console.log(`${`${name}:`.padEnd(16)} ${value}`);
      const captures = capturesIn(scenario.sources);
      if (captures.length > 0) console.log("\nTo read the captures among the sources:");
      for (const capture of captures) console.log(`  anchorage show ${capture}`);
    });

const capturesIn = (sources: readonly string[]): readonly string[] =>
  sources.flatMap((source) => source.match(/captures\/[\w./-]+\w/g) ?? []);

async function captureNamed(name: string): Promise<string> {
  const { OWN_CAPTURES, readCaptures } = await import("../tools/replay/captures/capture-archive.ts");
  const text = (await readCaptures(OWN_CAPTURES)).get(name);
  if (text === undefined)
    throw new UsageError(`no capture is called "${name}"; docs/reference/captures/README.md lists the archives`);
  return text;
}

/** The end with that profile, or the ends, each with the places where it is so. */
function endsWith(scenario: Scenario, profile: Profile): string {
  const places = new Map<string, string[]>();
  for (const family of scenario.families) {
    for (const side of scenario.sides) {
      const end = describeEnd(endOf(scenario, profile, { side, family }));
      places.set(end, [...(places.get(end) ?? []), `${family} ${side}`]);
    }
  }
  const [[only = ""] = []] = places;
  if (places.size <= 1) return only;
  return [...places].map(([end, where]) => `${where.join(", ")}: ${end}`).join("; ");
}

/** Breaks a paragraph at blanks. */
const wrap = (text: string, width = 78): string =>
  text.replace(new RegExp(`(?=.{${width}})(.{1,${width}}) `, "g"), "$1\n");
