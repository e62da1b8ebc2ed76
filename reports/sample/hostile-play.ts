/** The play of the sample run whose every text means harm: to HTML, XML, Markdown, terminals and to the eye. */
import { connection, controlOpened, line, log, play, relayed, scenario } from "./events.ts";

/** What must never reach a reader unescaped. */
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
