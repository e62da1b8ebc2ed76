/**
 * The anchors of the proxy, read through pfctl(8): which session's anchor holds which rules. Text in, text out, so a
 * model and a real pfctl are read alike, by the harness's own parser: the proxy and its judge share no rule
 * type (docs/decisions/rules-as-text.md).
 *
 * @example
 * await readAnchors(lab.firewall.pfctl, "divert-to") // Map { "4711.3" => ["pass in quick …", "pass out quick …"] }
 */

import type { Era, LabFirewall } from "../../contract/lab.ts";
import { servicePort } from "../../pf/language/names/services.ts";
import { parseRuleset } from "../../pf/language/parse.ts";
import type { Rule, Translation } from "../../pf/rule.ts";

type Pfctl = LabFirewall["pfctl"];

/** The anchor below which each session has its own. */
const PARENT = "ftp-proxy";

/** Rules of each session, by the name after `ftp-proxy/`, in pfctl's order. */
export function readAnchors(pfctl: Pfctl, era: Era): Promise<Map<string, string[]>> {
  return era === "rdr-anchor" ? readOneByOne(pfctl) : readAtOnce(pfctl);
}

async function readAtOnce(pfctl: Pfctl): Promise<Map<string, string[]>> {
  return parseAnchors((await pfctl(["-a", `${PARENT}/*`, "-sr"])).stdout);
}

/** Before 4.7 and on FreeBSD, translation and filter rules are two lists. */
async function readOneByOne(pfctl: Pfctl): Promise<Map<string, string[]>> {
  const anchors = new Map<string, string[]>();
  const { stdout } = await pfctl(["-a", PARENT, "-sA"]);
  for (const path of linesOf(stdout).filter((line) => line.startsWith(`${PARENT}/`))) {
    const [translation, filter] = await Promise.all([pfctl(["-a", path, "-sn"]), pfctl(["-a", path, "-sr"])]);
    const rules = [...linesOf(translation.stdout), ...linesOf(filter.stdout)];
    anchors.set(path.slice(PARENT.length + 1), rules.map(withPortNumbers).map(withoutZeroTable));
  }
  return anchors;
}

/** `pfctl -a 'ftp-proxy/*' -sr`. @example parseAnchors('anchor "4711.3" all {\n  pass in …\n}\n') // Map { "4711.3" => ["pass in …"] } */
export function parseAnchors(text: string): Map<string, string[]> {
  const anchors = new Map<string, string[]>();
  let current: string[] | undefined;
  for (const line of text.split("\n")) {
    const header = /^anchor "([^"]+)" all \{$/.exec(line);
    if (header?.[1] !== undefined) {
      current = [];
      anchors.set(header[1], current);
    } else if (line === "}") {
      current = undefined;
    } else if (line.trim() !== "" && current !== undefined) {
      current.push(line.trim());
    }
  }
  return anchors;
}

const linesOf = (text: string): string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");

/** pfctl of that era prints the name of a port that has one: `port = socks` is `port = 1080`. */
const withPortNumbers = (rule: string): string =>
  rule.replace(/ port = ([a-z]\S*)/gi, (clause, name: string) => {
    const port = servicePort(name, "FreeBSD");
    return port === undefined ? clause : ` port = ${port}`;
  });

/**
 * FreeBSD's ftp-proxy leaves a rule's routing table at the zero of its memset, which pfctl prints (seen on 12.1; its
 * filter.c has not changed that since). A text loaded by pfctl leaves it open. With one table both mean the same.
 */
const withoutZeroTable = (rule: string): string => rule.replace(/ rtable 0(?= |$)/, "");

/**
 * The rule as pfctl would accept it, without `keep state` on match rules. ftp-proxy.c 1.41 with -T loads those by
 * ioctl(2), and the kernel prints them.
 */
export const asPfctlAccepts = (text: string): string =>
  text.startsWith("match ") ? text.replace(/ keep state \([^)]*\)/, "") : text;

/** The main ruleset defines the queue, so one rule alone cannot name it. */
const withoutQueue = (text: string): string => text.replace(/ set \(queue [^)]*\)/, "");

/** One rule as `pfctl -sr` prints it, or `-sn` in the era `rdr-anchor`; undefined when pf.conf(5) has no such rule. */
export function parseRule(text: string, era: Era): Rule | Translation | undefined {
  const readable = withoutQueue(asPfctlAccepts(text));
  const { ruleset, errors } = parseRuleset(`${readable}\n`, { interfaces: [], era });
  const rules = [...(ruleset.translations ?? []), ...ruleset.rules];
  return errors.length === 0 && rules.length === 1 ? rules[0] : undefined;
}
