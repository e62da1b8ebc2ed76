/**
 * Would FTP work through this rule set? Plain clients and servers are played in `sim`, on the rule set's own interfaces
 * and addresses, through ftp-proxy as its rules and options have it.
 *
 * @example
 * const { answers } = await wouldFtpWork(text, { file: "pf.conf" });
 * answers.find(({ family, mode }) => family === "inet" && mode === "passive")?.verdict // "works"
 */

import type { PlayResult, Service } from "../../../reports/model.ts";
import type { ErrandsPart } from "../../contract/errands.ts";
import { any } from "../../contract/expectation.ts";
import type { CatalogueEntry, Mode, Scenario } from "../../contract/scenario.ts";
import type { Family } from "../../pf/packet.ts";
import { type Cell, cellId, playSeed } from "../../play/cell.ts";
import { ftpClient, ftpServer } from "../../players/ftp/players.ts";
import { scenario } from "../../players/script/scenario.ts";
import { readLabs, readSubjects } from "../../run/catalogue.ts";
import { playedOrFailed } from "../../run/cell-result.ts";
import type { Analysis, LintOptions } from "../lint/analysis.ts";
import type { Finding } from "../lint/finding.ts";
import { lint } from "../lint/lint.ts";
import { onOwnNetwork } from "./own-rules.ts";
import { proxyOptions } from "./proxy-options.ts";

export interface FtpOptions extends LintOptions {
  /** Options of ftp-proxy(8), by family, as rc.conf.local has them. */
  readonly flags?: Partial<Record<Family, readonly string[]>>;
  readonly signal?: AbortSignal;
}

export interface FtpAnswer {
  readonly family: Family;
  readonly mode: Mode;
  /** "untried": the rules do not load, are not for that family, or the firewall has no such addresses on both sides. */
  readonly verdict: Service["verdict"] | "untried";
  /** One sentence. */
  readonly reason: string;
  /** The whole play: its ladder, rules and service. */
  readonly play?: PlayResult;
}

export interface FtpAnswers {
  readonly analysis: Analysis;
  /** ftp-proxy's options, by family, as it was played. */
  readonly proxy: Readonly<Record<Family, readonly string[]>>;
  readonly answers: readonly FtpAnswer[];
  /** What lint says, with the lines that mend it. */
  readonly findings: readonly Finding[];
  /** What the rules alone let anybody do. */
  readonly policy: readonly string[];
}

export const MODES: readonly Mode[] = ["passive", "active"];
export const FAMILIES: readonly Family[] = ["inet", "inet6"];
const SEED = 1;

export async function wouldFtpWork(text: string, options: FtpOptions): Promise<FtpAnswers> {
  const { analysis, findings } = lint(text, options);
  const proxy = {
    inet: proxyOptions(analysis, "inet", options.flags?.inet),
    inet6: proxyOptions(analysis, "inet6", options.flags?.inet6 ?? options.flags?.inet),
  };
  const setUp = await simAndCore();
  const answers: FtpAnswer[] = [];
  for (const family of FAMILIES) {
    for (const mode of MODES) answers.push(await answer(setUp, analysis, family, mode, proxy[family], options));
  }
  const policy = new Set(answers.flatMap(({ play }) => play?.harm?.policy ?? []));
  return { analysis, proxy, answers, findings, policy: [...policy] };
}

async function simAndCore(): Promise<Pick<Cell, "lab" | "subject">> {
  const [lab] = await readLabs(["sim"]);
  const subject = (await readSubjects()).find(({ name }) => name === "core");
  if (lab === undefined || subject === undefined)
    throw new Error("the lab sim and the subject core belong to Anchorage");
  return { lab, subject };
}

async function answer(
  setUp: Pick<Cell, "lab" | "subject">,
  analysis: Analysis,
  family: Family,
  mode: Mode,
  proxyArgs: readonly string[],
  { readFile, signal }: FtpOptions,
): Promise<FtpAnswer> {
  const [error] = analysis.errors;
  if (error !== undefined) {
    return { family, mode, verdict: "untried", reason: `line ${error.line} does not load: ${error.text}` };
  }
  const place = {
    entry: entryFor(mode),
    ...({ ...setUp, family, era: analysis.era, side: analysis.reverse ? "reverse" : "forward" } as const),
    runSeed: SEED,
  };
  const cell = onOwnNetwork({ ...place, seed: playSeed(SEED, cellId(place)) }, analysis, proxyArgs, readFile);
  if (cell === undefined) {
    const wanted = analysis.families.includes(family);
    const reason = wanted ? "the firewall has no address of that family on both sides" : "no rule passes that family";
    return { family, mode, verdict: "untried", reason };
  }
  const { result } = await playedOrFailed(cell, signal === undefined ? {} : { signal });
  const { service, reason = result.outcome } = result;
  return { family, mode, verdict: service?.verdict ?? "fails", reason: service?.reason ?? reason, play: result };
}

function entryFor(mode: Mode): CatalogueEntry {
  const played = scenario<ErrandsPart, unknown>({
    title: `a plain client and a plain server, ${mode}`,
    quirk: "No quirk: the rules of a firewall are tried.",
    sources: ["RFC 959"],
    priority: 1,
    modes: [mode],
    families: FAMILIES,
    client: ftpClient("plain"),
    server: ftpServer("plain", {}),
    play: ({ client }) =>
      client.does([
        { what: "fetch", mode },
        { what: "store", mode },
      ]),
    expect: { "ftp-proxy": any, classic: any, conntrack: any, none: any },
  }) as Scenario;
  return { id: `ftp/${mode}`, category: "ftp", file: "", scenario: played };
}
