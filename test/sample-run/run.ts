/**
 * A run written by hand that shows everything a report must be able to show: a rewritten 227, a dropped SYN with
 * its rule, a line that was killed, each of the five grades, an opaque TLS dialogue, and text that means harm.
 * The tests of all reports read it; none of it was played.
 */
import type { PlayResult, RunResult } from "../../reports/model.ts";
import { controlOpened, dialogue, line, log, play, relayed, scenario } from "./events.ts";
import { droppedSynPlay, hostilePlay, passivePlay } from "./plays.ts";

const passive = passivePlay.scenario;

const killed227 = play({
  scenario: scenario(
    "passive/pasv-227-private-port",
    "A 227 with a port below 1024 is not let through",
    "The server offers data port 22. The proxy must not open it, and must end the session.",
    ["ftp-proxy(8)", "RFC 959, 4.1.2"],
  ),
  grade: "passed",
  outcome: "session ended by the proxy",
  expected: "session ended by the proxy",
  subjectCommand: "ftp-proxy -d -D7",
  timeline: [
    ...controlOpened(0),
    ...dialogue(5, ["server", "220 ready\\r\\n"], ["client", "USER anonymous\\r\\n"], ["server", "230 in\\r\\n"]),
    ...relayed(20, "client", "PASV\\r\\n"),
    line(24, "server", "proxy", "227 Entering Passive Mode (198,51,100,7,0,22)\\r\\n"),
    log(24, "#1 command rejected: port 22 is below 1024", 2),
    { kind: "connection", atMs: 25, channel: "control", from: "proxy", to: "client", event: "closed", addresses: "" },
    { kind: "connection", atMs: 25, channel: "control", from: "proxy", to: "server", event: "closed", addresses: "" },
  ],
});

const opaque = play({
  scenario: scenario(
    "tls/auth-tls-clienthello",
    "After AUTH TLS the proxy sees records, not lines",
    "The client asks for TLS on the control connection; the PASV inside is out of the proxy's sight.",
    ["RFC 4217"],
  ),
  grade: "passed",
  outcome: "the client's data connection got no answer",
  expected: "the client's data connection got no answer",
  timeline: [
    ...controlOpened(0),
    ...dialogue(4, ["server", "220 ready\\r\\n"], ["client", "AUTH TLS\\r\\n"], ["server", "234 go on\\r\\n"]),
    ...relayed(14, "client", "TLS handshake record, ClientHello, 517 bytes", true),
    ...relayed(18, "server", "TLS handshake record, ServerHello, 1290 bytes", true),
    ...relayed(30, "client", "TLS application data, 28 bytes", true),
    {
      kind: "drop",
      atMs: 40,
      packet: "tcp 10.0.0.5:40001 > 198.51.100.7:50555 S",
      interface: "vio1",
      direction: "in",
      from: "client",
      reason: "match",
      rule: { path: "pf.conf", text: "block drop log all", line: 5 },
    },
    {
      kind: "connection",
      atMs: 30_040,
      channel: "data",
      from: "client",
      to: "server",
      event: "no-answer",
      addresses: "10.0.0.5:40001 -> 198.51.100.7:50555",
    },
  ],
});

export const sampleRun: RunResult = {
  schema: 1,
  tool: { name: "anchorage", version: "0.1.0" },
  clock: { startedAt: "2026-01-02T03:04:05.000Z", tookMs: 4200 },
  seed: 7,
  plays: [
    passivePlay,
    droppedSynPlay,
    killed227,
    opaque,
    hostilePlay,
    play({
      scenario: passive,
      family: "inet6",
      grade: "does-not-apply",
      outcome: "not played",
      expected: "nothing",
      reason: "PASV has no form for inet6 (RFC 2428)",
    }),
    play({
      scenario: passive,
      subject: "none",
      grade: "passed",
      outcome: "the client's data connection got no answer",
      expected: "the client's data connection got no answer",
      timeline: [
        line(0, "client", "server", "PASV\\r\\n"),
        line(4, "server", "client", "227 Entering Passive Mode (198,51,100,7,197,123)\\r\\n"),
      ],
    }),
    play({
      scenario: droppedSynPlay.scenario,
      family: "inet6",
      grade: "unsupported",
      outcome: "not played",
      expected: "completed",
      reason: "the server ftp-srv does not offer EPRT over inet6",
    }),
    play({
      scenario: droppedSynPlay.scenario,
      subject: "none",
      grade: "not-run",
      outcome: "not played",
      expected: "the server's data connection got no answer",
      reason: "the run was stopped",
    }),
  ],
};

/** As many plays as wanted, out of the sample's, for sizes and times: each differs in its id, ports and seed. */
export function manyPlays(count: number): RunResult {
  const patterns = sampleRun.plays.slice(0, 4);
  const plays = Array.from({ length: count }, (_, index): PlayResult => {
    const [subject, family, side] = columns[index % columns.length]!;
    const number = Math.floor(index / columns.length);
    const pattern = patterns[number % patterns.length]!;
    const scenario = { ...pattern.scenario, id: `${pattern.scenario.category}/case-${number}` };
    const id = `${scenario.id}@${subject},sim,${family},${side}`;
    // Ports differ from play to play as they do in a real run: compression gets nothing for free.
    const text = JSON.stringify(pattern.timeline).replaceAll(
      /6039\d|5055\d|4999\d/g,
      (port) => `${+port - (index % 9000)}`,
    );
    return { ...pattern, id, scenario, subject, family, side, seed: index, timeline: JSON.parse(text) };
  });
  return { ...sampleRun, plays };
}

const columns = [
  ["core", "inet", "forward"],
  ["core", "inet", "reverse"],
  ["core", "inet6", "forward"],
  ["core", "inet6", "reverse"],
  ["none", "inet", "forward"],
] as const;
