/**
 * Short ways to write down timeline events and plays by hand, for the sample run.
 *
 *     relayed(12, "client", "USER anonymous\\r\\n") // client to proxy, proxy to server
 */
import type { Party, PlayResult, ScenarioInfo, TimelineEvent } from "../../reports/model.ts";

const clientAddress = "10.0.0.5";
const proxyAddress = "198.51.100.1";
const serverAddress = "198.51.100.7";
const intruderAddress = "198.51.100.66";

export const pfConf = [
  "int_if = vio1",
  "ext_if = vio2",
  "set skip on lo",
  'anchor "ftp-proxy/*"',
  "block log all",
  "pass in quick on $int_if inet proto tcp to port ftp divert-to 127.0.0.1 port 8021",
  "pass out on $ext_if inet proto tcp from ($ext_if) to any port ftp",
  "",
].join("\n");

export function line(
  atMs: number,
  from: Party,
  to: Party,
  text: string,
  more: { insteadOf?: string; opaque?: boolean; session?: number } = {},
): TimelineEvent {
  return { kind: "line", atMs, from, to, session: 1, text, ...more };
}

/** A line that the proxy hands on unchanged. */
export function relayed(atMs: number, from: "client" | "server", text: string, opaque = false): TimelineEvent[] {
  const to = from === "client" ? "server" : "client";
  const more = opaque ? { opaque } : {};
  return [line(atMs, from, "proxy", text, more), line(atMs, "proxy", to, text, more)];
}

export function dialogue(atMs: number, ...pairs: readonly ["client" | "server", string][]): TimelineEvent[] {
  return pairs.flatMap(([from, text], index) => relayed(atMs + 2 * index, from, text));
}

export function controlOpened(atMs: number): TimelineEvent[] {
  return [
    connection(atMs, "control", "client", "proxy", "opened", `${clientAddress}:40000 -> ${serverAddress}:21`),
    connection(atMs + 1, "control", "proxy", "server", "opened", `${proxyAddress}:29391 -> ${serverAddress}:21`),
  ];
}

export function controlClosed(atMs: number): TimelineEvent[] {
  return [
    connection(atMs, "control", "server", "proxy", "closed", `${proxyAddress}:29391 -> ${serverAddress}:21`),
    connection(atMs, "control", "proxy", "client", "closed", `${clientAddress}:40000 -> ${serverAddress}:21`),
  ];
}

type Connection = Extract<TimelineEvent, { kind: "connection" }>;

export function connection(
  atMs: number,
  channel: "control" | "data",
  from: Party,
  to: Party,
  event: Connection["event"],
  addresses: string,
  more: { bytes?: number; sha256?: string; by?: Party | "firewall" } = {},
): TimelineEvent {
  return { kind: "connection", atMs, channel, from, to, event, addresses, ...more };
}

export function anchor(atMs: number, before: readonly string[], rules: readonly string[]): TimelineEvent {
  return { kind: "anchor", atMs, anchor: "ftp-proxy/4711.1", before, rules };
}

export function log(atMs: number, text: string, level = 6): TimelineEvent {
  return { kind: "log", atMs, level, text };
}

/** The two rules that let one data connection through (ftp-proxy(8) of OpenBSD 7.8). */
export function passiveRules(proxyPort: number, dataPort: number): string[] {
  return [
    `pass in quick on rdomain 0 inet proto tcp from ${clientAddress} to ${serverAddress} port = ${proxyPort} flags S/SA keep state (max 1) rtable 0 rdr-to ${serverAddress} port ${dataPort}`,
    `pass out quick on rdomain 0 inet proto tcp from ${clientAddress} to ${serverAddress} port = ${dataPort} flags S/SA keep state (max 1) nat-to ${proxyAddress}`,
  ];
}

export function activeRules(proxyPort: number, dataPort: number): string[] {
  return [
    `pass in quick on rdomain 0 inet proto tcp from ${serverAddress} to ${proxyAddress} port = ${proxyPort} flags S/SA keep state (max 1) rtable 0 rdr-to ${clientAddress} port ${dataPort}`,
    `pass out quick on rdomain 0 inet proto tcp from ${serverAddress} to ${clientAddress} port = ${dataPort} flags S/SA keep state (max 1) nat-to ${serverAddress}`,
  ];
}

const invariantTitles = {
  "empty-after": "The anchor is empty afterwards and no state lets a new connection in",
  ends: "The play ends within its time limit",
} as const;

export function invariants(
  broken: Partial<Record<keyof typeof invariantTitles, string>> = {},
): PlayResult["invariants"] {
  return Object.entries(invariantTitles).map(([name, title]) => {
    const why = broken[name as keyof typeof invariantTitles];
    return { name, title, verdict: why === undefined ? "held" : "broken", detail: why ?? "looked at after every step" };
  });
}

export function scenario(id: string, title: string, quirk: string, sources: readonly string[]): ScenarioInfo {
  return { id, title, category: id.split("/")[0] ?? id, quirk, sources, priority: 1 };
}

type Given = Pick<PlayResult, "scenario" | "grade" | "outcome" | "expected"> & Partial<PlayResult>;

/** A play of subject `core` in `sim` over inet, unless `given` differs. */
export function play(given: Given): PlayResult {
  const { subject = "core", lab = "sim", family = "inet", side = "forward" } = given;
  const id = `${given.scenario.id}@${subject},${lab},${family},${side}`;
  return {
    id,
    subject,
    lab,
    era: "divert-to",
    family,
    side,
    seed: 7,
    findings: [],
    invariants: given.grade === "passed" || given.grade === "failed" ? invariants() : [],
    players: [
      { part: "client", name: "basic-ftp", version: "6.2.6" },
      { part: "server", name: "ftp-srv", version: "4.6.3" },
    ],
    hosts: [
      { name: "client", addresses: [clientAddress] },
      { name: "firewall", addresses: ["10.0.0.1", proxyAddress] },
      { name: "server", addresses: [serverAddress] },
      { name: "intruder-outside", addresses: [intruderAddress] },
    ],
    pfConf,
    timeline: [],
    lastedMs: given.timeline?.at(-1)?.atMs ?? 0,
    repeat: `npx anchorage repro '${id}' --seed 7`,
    ...given,
  };
}
