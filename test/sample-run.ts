/**
 * For tests of reports: a run with one play of each kind that a report must be able to show. The simulator plays them:
 * a rewritten 227, a dropped SYN with its rule, TLS, each of the five grades. One play is then filled with text that
 * attacks HTML, XML, Markdown and terminals.
 */

import sim from "../harness/labs/sim.ts";
import { playCells } from "../harness/run/play-catalogue.fixture.ts";
import type { PlannedCell } from "../harness/run/selection.ts";
import core from "../harness/subjects/core.ts";
import none from "../harness/subjects/none.ts";
import type { PlayResult, RunResult, Service } from "../reports/model.ts";
import port from "../scenarios/active/port.ts";
import pasv from "../scenarios/passive/pasv.ts";
import clientHello from "../scenarios/tls/auth-tls-clienthello.ts";

type Setting = Partial<Pick<PlannedCell["cell"], "subject" | "family" | "pfConf">>;

function cellOf(id: string, scenario: typeof pasv, setting: Setting = {}): PlannedCell["cell"] {
  const entry = { id, category: id.split("/")[0]!, file: `scenarios/${id}.ts`, scenario };
  const place = { lab: sim, era: "divert-to", side: "forward", seed: 7, runSeed: 7 } as const;
  return { entry, subject: core, family: "inet", ...place, ...setting };
}

/** No anchor line: nothing ever looks at the proxy's rules. */
const WITHOUT_ANCHOR = [
  "int_if = em1",
  "ext_if = em0",
  "set skip on lo",
  "block log all",
  "pass in quick on $int_if inet proto tcp to port ftp divert-to 127.0.0.1 port 8021",
  "pass out quick on $ext_if inet proto tcp to port ftp",
  "",
].join("\n");

const planned: readonly PlannedCell[] = [
  { cell: cellOf("passive/pasv", pasv), plan: "play" },
  { cell: cellOf("active/port", port, { pfConf: WITHOUT_ANCHOR }), plan: "play" },
  { cell: cellOf("tls/auth-tls-clienthello", clientHello), plan: "play" },
  { cell: cellOf("framing/hostile-reply", port, { pfConf: WITHOUT_ANCHOR }), plan: "play" },
  {
    cell: cellOf("passive/pasv", pasv, { family: "inet6" }),
    plan: "does-not-apply",
    reason: "PASV has no form for inet6 (RFC 2428)",
  },
  { cell: cellOf("passive/pasv", pasv, { subject: none }), plan: "play" },
  {
    cell: cellOf("active/port", port, { family: "inet6" }),
    plan: "unsupported",
    reason: "the server ftp-srv does not offer EPRT over inet6",
  },
];

const played = await playCells(planned, { seed: 7 });
const stopped = await playCells([{ cell: cellOf("active/port", port, { subject: none }), plan: "play" }], {
  signal: AbortSignal.abort(),
});

/** Every report must escape this text. */
export const hostileText = `</script><script>alert("1")</script><img src=x onerror=alert(2)> & 'q' ]]> | \`code\` @someone`;
const hostile = `\u001b[2J\u001b[31mred\u0000 \u202eevil\u202c \ud800 漢字 <b>e\u0301te\u0301</b> ${hostileText}\r\n`;

/** Foreign text: a peer, a program or a scenario chose it. */
const FOREIGN = [
  ...["title", "quirk", "sources", "outcome", "reason", "message", "expected", "actual", "detail", "command"],
  ...["text", "insteadOf", "what", "result", "packet", "interface", "state", "addresses", "path", "rules"],
];

/** The play with such a text in place of every foreign one. */
export function hostileCopy(play: PlayResult): PlayResult {
  const filled = (value: unknown): unknown =>
    typeof value === "string" ? hostile : Array.isArray(value) ? value.map(filled) : value;
  const text = JSON.stringify(play, (key, value) => (FOREIGN.includes(key) ? filled(value) : value));
  return JSON.parse(text) as PlayResult;
}

export const [passivePlay, droppedSynPlay] = played.plays as [PlayResult, PlayResult];
export const hostilePlay = hostileCopy(played.plays[3]!);

export const sampleRun: RunResult = {
  ...played,
  clock: { startedAt: "2026-01-02T03:04:05.000Z", tookMs: 4200 },
  plays: [...played.plays.map((play, at) => (at === 3 ? hostilePlay : play)), ...stopped.plays],
};

/** The play with another answer to "did FTP work?", and whatever else differs. */
export const answered = (
  play: PlayResult,
  service: Pick<Service, "verdict"> & Partial<Service>,
  more: Partial<PlayResult> = {},
): PlayResult => ({ ...play, service: { reason: "every errand was done", errands: [], ...service }, ...more });

export const firewallFails = {
  verdict: "fails",
  by: "firewall",
  where: "data connection",
  reason: "pf.conf:4 drops the data connection",
  notice: "hangs for 30 s",
} as const;

/** As many plays as wanted, out of the sample's, for sizes and times: each differs in its id, ports and seed. */
export function manyPlays(count: number): RunResult {
  const patterns = sampleRun.plays.slice(0, 3);
  const plays = Array.from({ length: count }, (_, index): PlayResult => {
    const [subject, family, side] = COLUMNS[index % COLUMNS.length]!;
    const number = Math.floor(index / COLUMNS.length);
    const pattern = patterns[number % patterns.length]!;
    const scenario = { ...pattern.scenario, id: `${pattern.scenario.category}/case-${number}` };
    const id = `${scenario.id}@${subject},sim,${family},${side}`;
    // Ports differ from play to play as they do in a real run: compression gets nothing for free.
    const text = JSON.stringify(pattern.timeline).replaceAll(/\b[456]\d{4}\b/g, (port) => `${+port - (index % 9000)}`);
    return { ...pattern, id, scenario, subject, family, side, seed: index, timeline: JSON.parse(text) };
  });
  return { ...sampleRun, plays };
}

const COLUMNS = [
  ["core", "inet", "forward"],
  ["core", "inet", "reverse"],
  ["core", "inet6", "forward"],
  ["core", "inet6", "reverse"],
  ["none", "inet", "forward"],
] as const;
