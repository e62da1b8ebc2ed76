/**
 * Reads the anchors of the proxy through pfctl(8): which session's anchor holds which rules. Text in, text out: what it
 * reads may come from the model or from a real pfctl.
 *
 * @example
 * await readAnchors(lab.firewall.pfctl, "divert-to") // Map { "4711.3" => ["pass in quick …", "pass out quick …"] }
 */

import type { Era, LabFirewall } from "../contract/lab.ts";
import { servicePort } from "../pf/language/names/services.ts";

type Pfctl = LabFirewall["pfctl"];

/** Where the proxy's anchors are. */
const PARENT = "ftp-proxy";

/** By what follows `ftp-proxy/`, in pfctl's order. */
export function readAnchors(pfctl: Pfctl, era: Era): Promise<Map<string, string[]>> {
  return era === "rdr-anchor" ? readOneByOne(pfctl) : readAtOnce(pfctl);
}

async function readAtOnce(pfctl: Pfctl): Promise<Map<string, string[]>> {
  return parseAnchors((await pfctl(["-a", `${PARENT}/*`, "-sr"])).stdout);
}

/** Before 4.7 and on FreeBSD, translation and filter rules are lists of their own. */
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

/** pfctl of that era names ports that have a name: `port = socks` is `port = 1080`. */
const withPortNumbers = (rule: string): string =>
  rule.replace(/ port = ([a-z]\S*)/gi, (clause, name: string) => {
    const port = servicePort(name);
    return port === undefined ? clause : ` port = ${port}`;
  });

/**
 * FreeBSD's ftp-proxy leaves a rule's routing table at the zero of its memset, which pfctl prints (seen on 12.1; its
 * filter.c has not changed that since). A text loaded by pfctl leaves it open. Where there is but one table, both are the same.
 */
const withoutZeroTable = (rule: string): string => rule.replace(/ rtable 0(?= |$)/, "");
