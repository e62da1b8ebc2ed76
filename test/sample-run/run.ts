/**
 * A run written by hand that shows everything a report must be able to show: a rewritten 227, a dropped SYN with
 * its rule, each of the five grades, an opaque TLS dialogue, and text that attacks HTML, XML, Markdown and terminals.
 * The tests of all reports read it; no lab played it.
 */
import type { PlayResult, RunResult } from "../../reports/model.ts";
import {
  activeRules,
  anchor,
  connection,
  controlClosed,
  controlOpened,
  dialogue,
  invariants,
  line,
  log,
  passiveRules,
  pfConf,
  play,
  relayed,
  scenario,
} from "./events.ts";

const rules = passiveRules(60398, 50555);
const dataAddresses = "10.0.0.5:40001 -> 198.51.100.7:60398";
const sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

export const passivePlay = play({
  scenario: scenario(
    "passive/pasv",
    "PASV: the proxy puts its own port into the 227",
    "The client asks for passive mode and the server offers a port. The proxy loads rules for one connection, sends the client another port, and removes the rules when the session ends.",
    ["RFC 959, 4.1.2", "ftp-proxy(8)", "capture openbsd-7.8: pasv4"],
  ),
  grade: "passed",
  outcome: "completed",
  expected: "completed",
  subjectCommand: "ftp-proxy -d -D7",
  capture: "captures/passive-pasv.pcapng",
  timeline: [
    ...controlOpened(0),
    log(2, "#1 FTP session 1/100 started: client 10.0.0.5 to server 198.51.100.7 via proxy 198.51.100.1"),
    ...dialogue(
      5,
      ["server", "220 ftp.example.org ready\\r\\n"],
      ["client", "USER anonymous\\r\\n"],
      ["server", "331 Guest login ok\\r\\n"],
      ["client", "PASS guest@example.org\\r\\n"],
      ["server", "230-Welcome to a server that likes to talk about its long and unbroken history\\r\\n"],
      ["server", "230 Login ok\\r\\n"],
    ),
    { kind: "step", atMs: 20, who: "client", text: "downloads /pub/readme", ok: true },
    ...relayed(20, "client", "PASV\\r\\n"),
    line(24, "server", "proxy", "227 Entering Passive Mode (198,51,100,7,197,123)\\r\\n"),
    log(24, "#1 passive: client to server port 50555 via port 60398"),
    anchor(25, [], rules),
    line(26, "proxy", "client", "227 Entering Passive Mode (198,51,100,7,235,238)\\r\\n", {
      insteadOf: "227 Entering Passive Mode (198,51,100,7,197,123)\\r\\n",
    }),
    {
      kind: "probe",
      atMs: 27,
      from: "198.51.100.66",
      to: "198.51.100.1:60398",
      what: "SYN to the data port opened for another",
      result: "dropped by pf.conf:5: block drop log all",
      reached: false,
    },
    ...relayed(28, "client", "RETR readme\\r\\n"),
    connection(32, "data", "client", "server", "opened", dataAddresses),
    {
      kind: "state",
      atMs: 32,
      event: "created",
      state: "all tcp 198.51.100.7:50555 (198.51.100.7:60398) <- 10.0.0.5:40001       ESTABLISHED:ESTABLISHED",
    },
    ...relayed(33, "server", "150 here it comes\\r\\n"),
    connection(48, "data", "server", "client", "closed", dataAddresses, { bytes: 70_000, sha256 }),
    ...relayed(50, "server", "226 done\\r\\n"),
    ...dialogue(54, ["client", "QUIT\\r\\n"], ["server", "221 bye\\r\\n"]),
    ...controlClosed(60),
    anchor(60, rules, []),
    log(60, "#1 ending session"),
  ],
});

const active = activeRules(49999, 40002);

export const droppedSynPlay = play({
  scenario: scenario(
    "active/port",
    "PORT: the server calls back through the firewall",
    "The client asks for active mode. The anchor line is missing from pf.conf, so nothing ever looks at the proxy's rules.",
    ["RFC 959, 4.1.2", "ftp-proxy(8)"],
  ),
  grade: "failed",
  outcome: "the server's data connection got no answer",
  expected: "completed",
  reason: "the server's data connection got no answer",
  findings: [
    {
      kind: "expectation",
      message: "the transfer did not complete",
      expected: "226 after 150, and 70000 bytes at the client",
      actual: "425 Can't open data connection., and 0 bytes",
      atMs: 75_030,
    },
    { kind: "invariant", message: "ftp-proxy/4711.1 still holds 2 rules after the session", atMs: 75_040 },
  ],
  pfConf: pfConf.replace('anchor "ftp-proxy/*"\n', ""),
  invariants: invariants({ "empty-after": "ftp-proxy/4711.1 still holds 2 rules" }),
  timeline: [
    ...controlOpened(0),
    ...dialogue(5, ["server", "220 ready\\r\\n"], ["client", "USER anonymous\\r\\n"], ["server", "230 in\\r\\n"]),
    line(20, "client", "proxy", "PORT 10,0,0,5,156,66\\r\\n"),
    log(20, "#1 active: server to client port 40002 via port 49999"),
    anchor(21, [], active),
    line(22, "proxy", "server", "PORT 198,51,100,1,195,79\\r\\n", { insteadOf: "PORT 10,0,0,5,156,66\\r\\n" }),
    ...relayed(26, "server", "200 PORT command successful\\r\\n"),
    ...relayed(28, "client", "RETR readme\\r\\n"),
    {
      kind: "drop",
      atMs: 30,
      packet: "tcp 198.51.100.7:20 > 198.51.100.1:49999 S",
      interface: "vio2",
      direction: "in",
      from: "server",
      reason: "match",
      rule: { path: "pf.conf", text: "block drop log all", line: 4 },
    },
    connection(75_030, "data", "server", "client", "no-answer", "198.51.100.7:20 -> 198.51.100.1:49999"),
    ...relayed(75_030, "server", "425 Can't open data connection.\\r\\n"),
    { kind: "step", atMs: 75_030, who: "client", text: "expects 226", ok: false },
  ],
});

/** Every report must escape this text. */
export const hostileText = `</script><script>alert("1")</script><img src=x onerror=alert(2)> & 'q' ]]> | \`code\` @someone`;

export const hostilePlay = play({
  scenario: scenario(
    "framing/hostile-reply",
    `Ответ с <b>разметкой</b> и 漢字 ${hostileText}`,
    `A server sends markup, terminal escapes and right-to-left marks. ${hostileText}`,
    [`<a href="javascript:alert(3)">RFC 959</a>`],
  ),
  grade: "failed",
  outcome: `greeting was ${hostileText}`,
  expected: "completed",
  reason: `\u001b[2J\u001b[31mred\u0000 \u202eevil\u202c \ud800 ${hostileText}`,
  findings: [{ kind: "step", message: hostileText, expected: "220 ", actual: `220-${hostileText}\r\n`, atMs: 5 }],
  players: [{ part: "server", name: hostileText }],
  subjectCommand: `ftp-proxy -T '${hostileText}'`,
  timeline: [
    ...controlOpened(0),
    ...relayed(5, "server", `220 ${hostileText}\\r\\n`),
    ...relayed(7, "server", "220-Καλώς ήρθατε, добро пожаловать, 歡迎光臨這個伺服器, e\u0301te\u0301 \u202eevil\\r\\n"),
    line(8, "client", "proxy", "\u001b]0;owned\u0007USER x\\n"),
    log(9, `#1 client: \u001b[2J${hostileText}`, 3),
    connection(9, "data", "intruder", "client", "reset", hostileText),
    {
      kind: "drop",
      atMs: 10,
      packet: hostileText,
      interface: "<vio1>",
      direction: "out",
      from: "firewall",
      reason: "<b>",
      rule: { path: "<pf.conf>", text: hostileText, line: 1 },
    },
    { kind: "state", atMs: 11, event: "created", state: hostileText },
    { kind: "step", atMs: 11, who: "play", text: hostileText, ok: false },
    {
      kind: "probe",
      atMs: 12,
      from: hostileText,
      to: hostileText,
      what: hostileText,
      result: hostileText,
      reached: true,
    },
  ],
});

const passive = passivePlay.scenario;

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
    connection(30_040, "data", "client", "server", "no-answer", "10.0.0.5:40001 -> 198.51.100.7:50555"),
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
  const patterns = sampleRun.plays.slice(0, 3);
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
