/**
 * The letter of every negotiation, whoever the players are. A proxy that claims to be ftp-proxy(8) writes 227, 229, PORT
 * and EPRT in its own words (ftp-proxy.md §8), and loads exactly the rules of that data connection (§10, §11). The
 * invariants judge the rest: bytes of other lines, and that rules come before their line.
 *
 * @example
 * negotiationDifferences(timeline, { era, roles, family, proxyArgs }) // [{ about: "dialogue", message: "client gets a 227 …", … }]
 */

import type { LetterDifference } from "../../../reports/model.ts";
import { asPfctlAccepts } from "../observation/anchors.ts";
import type { AnchorChange, ObservedLine, Timeline } from "../observation/timeline.ts";
import { activeRules, passiveRules, type RuleSetting } from "./expected-rules.ts";
import { parseExtendedPort, parsePort } from "./rules-before-line.ts";

export function negotiationDifferences(
  timeline: Pick<Timeline, "lines" | "anchorChanges" | "since">,
  setting: RuleSetting,
): LetterDifference[] {
  return timeline.lines.flatMap((line) => {
    const changes = timeline.anchorChanges.slice(0, line.changesBefore);
    const negotiation = negotiationIn(line, changes, setting);
    if (negotiation === undefined) return [];
    const { who, kind, words, proxyPort } = negotiation;
    const atMs = timeline.since(line.atMs);
    const differences: LetterDifference[] = [];
    const actual = line.text.replace(/\r?\n$/, "");
    if (actual !== words) {
      differences.push({
        about: "dialogue",
        message: `${who} gets a ${kind} in ftp-proxy's words`,
        expected: words,
        actual,
        atMs,
      });
    }
    const loaded = loadedFor(proxyPort, changes);
    const expected = loaded && negotiation.rules(targetPort(loaded)).join("\n");
    if (loaded !== undefined && loaded.join("\n") !== expected) {
      const message = `anchor holds ftp-proxy's rules for the ${kind}`;
      differences.push({ about: "rules", message, expected: expected ?? "", actual: loaded.join("\n"), atMs });
    }
    return differences;
  });
}

interface NegotiationLine {
  readonly who: "client" | "server";
  readonly kind: "227" | "229" | "PORT" | "EPRT";
  readonly words: string;
  readonly proxyPort: number;
  /** `peerPort`: where the data connection is to end. */
  rules(peerPort: number): readonly string[];
}

/** The line as ftp-proxy(8) writes it; undefined for lines that it passes on. */
function negotiationIn(
  line: ObservedLine,
  changes: readonly AnchorChange[],
  setting: RuleSetting,
): NegotiationLine | undefined {
  const { text, insteadOf, leg, towards } = line;
  const kind = /^(227|229|PORT|EPRT)[ -]/.exec(text)?.[1] as NegotiationLine["kind"] | undefined;
  if (insteadOf === undefined || leg !== towards || kind === undefined) return undefined;
  const { roles, family } = setting;
  const proxyPort = parsePort(text) ?? parseExtendedPort(text) ?? proxyPortOf(changes.at(-1)) ?? 0;
  const active = kind === "PORT" || kind === "EPRT";
  if (active !== (towards === "server")) return undefined;
  return {
    who: towards,
    kind,
    words: wordsFor(kind, active ? roles.proxy : roles.dialled.address, proxyPort, family === "inet" ? 1 : 2),
    proxyPort,
    rules: (peerPort) =>
      active
        ? activeRules(setting, { proxyPort, clientPort: peerPort, extended: kind === "EPRT" })
        : passiveRules(setting, { proxyPort, serverPort: peerPort }),
  };
}

/** The port that a line which cannot be read should have named: peers reach the proxy's first rule there. */
const proxyPortOf = (change: AnchorChange | undefined): number | undefined => {
  const port = change?.rules.flatMap((rule) => / port = (\d+) /.exec(rule)?.[1] ?? [])[0];
  return port === undefined ? undefined : Number(port);
};

/** ftp-proxy.md §8. */
function wordsFor(kind: NegotiationLine["kind"], address: string, port: number, protocol: 1 | 2): string {
  const numbers = `${address.replaceAll(".", ",")},${port >> 8},${port & 255}`;
  if (kind === "PORT") return `PORT ${numbers}`;
  if (kind === "EPRT") return `EPRT |${protocol}|${address}|${port}|`;
  if (kind === "229") return `229 Entering Extended Passive Mode (|||${port}|)`;
  return `227 Entering Passive Mode (${numbers})`;
}

/** The rules with that port which were loaded last; undefined: none, which is the invariant `rules-before-line`'s. */
function loadedFor(proxyPort: number, changes: readonly AnchorChange[]): readonly string[] | undefined {
  const port = ` port = ${proxyPort} `;
  return changes.findLast(({ rules }) => rules.some((rule) => rule.includes(port)))?.rules.map(asPfctlAccepts);
}

/** The port to which the rules send the data connection. */
function targetPort(rules: readonly string[]): number {
  const target = rules.flatMap((rule) => /(?:rdr-to|^rdr .*->) \S+ port (\d+)/.exec(rule)?.[1] ?? [])[0];
  return Number(target ?? 0);
}
