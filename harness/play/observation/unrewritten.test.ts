import fc from "fast-check";
import { expect, test } from "vitest";
import type { Peer } from "../../../proxy/session/action.ts";
import { toBytes, toText } from "../../../proxy/session/octets.ts";
import { ControlSession } from "../../../proxy/session/session.ts";
import { noExtensions } from "../../../proxy/session/setup.ts";
import type { TimelineEvent } from "../../../reports/model.ts";
import { SeededRandom } from "../../net/time/random.ts";
import { explainUnrewritten } from "./unrewritten.ts";

type Line = Extract<TimelineEvent, { kind: "line" }>;
type Said = readonly [from: Peer, text: string];

/** The lines of a session of our proxy, as its wires show them. `hungUp`: the proxy ended it. */
function lines(dialogue: readonly Said[], options: readonly string[] = []): { events: Line[]; hungUp: boolean } {
  const extensions = {
    ...noExtensions,
    matchReplies: options.includes("--match-replies"),
    lenientReplies: options.includes("--lenient-replies"),
  };
  const session = new ControlSession(
    {
      ...{ id: 1, count: 1, maxSessions: 100, client: "10.0.0.2", original: "198.51.100.9", server: "198.51.100.9" },
      ...{ proxy: "198.51.100.1", generation: "modern", rules: { era: "divert-to" }, ipv6: false, timeout: 86_400 },
      ...{ anonymousOnly: false, activeFromPort20: false, logLevel: 7, extensions },
    },
    new SeededRandom(1),
  );
  session.start();
  const events: Line[] = [];
  const shown = (text: string) => text.replace(/\r\n$/, "\\r\\n");
  for (const [from, text] of dialogue) {
    if (session.ended) break;
    const at = { kind: "line", atMs: events.length, session: 1 } as const;
    events.push({ ...at, from, to: "proxy", text: `${text}\\r\\n` });
    let actions = session.handle({ kind: "bytes", from, bytes: toBytes(`${text}\r\n`) });
    if (actions.some(({ kind }) => kind === "load")) actions = session.handle({ kind: "rules-loaded" });
    for (const action of actions) {
      if (action.kind !== "send") continue;
      const sent = shown(toText(action.bytes));
      const other = sent === `${text}\\r\\n` ? {} : { insteadOf: `${text}\\r\\n` };
      events.push({ ...at, from: "proxy", to: action.to, text: sent, ...other });
    }
  }
  return { events, hungUp: session.ended };
}

const explained = (dialogue: readonly Said[], options: readonly string[] = []) =>
  explainUnrewritten(lines(dialogue, options).events, options).flatMap((event) =>
    event.kind === "line" && event.why !== undefined ? [{ text: event.text, why: event.why, cure: event.cure }] : [],
  );

const GOOD = "227 Entering Passive Mode (198,51,100,9,195,80)";
const GREETING: Said = ["server", "220 Ready"];

test.each<[string, readonly Said[], string, string | undefined]>([
  [
    "a late 226",
    [
      ["client", "RETR a"],
      ["server", "150 Here"],
      ["client", "PASV"],
      ["server", "226 Done"],
      ["server", GOOD],
    ],
    'nothing was pending: "226 Done" came after PASV, and only the very next reply is looked at',
    "--match-replies",
  ],
  [
    "a reply that answers nothing",
    [
      ["client", "PASV"],
      ["server", "200 Welcome to you"],
      ["server", GOOD],
    ],
    'nothing was pending: "200 Welcome to you" came after PASV, and only the very next reply is looked at',
    undefined,
  ],
  [
    "a NOOP behind PASV",
    [
      ["client", "PASV"],
      ["client", "NOOP"],
      ["server", GOOD],
    ],
    'nothing was pending: "NOOP" came after PASV, and only the client\'s last line counts',
    "--match-replies",
  ],
  [
    "no blank behind the code",
    [
      ["client", "PASV"],
      ["server", "227-(198,51,100,9,195,80)"],
    ],
    'it does not begin with "227" and a blank',
    undefined,
  ],
  [
    "229 to PASV",
    [
      ["client", "PASV"],
      ["server", "229 Ok (|||50000|)"],
    ],
    "PASV was pending, and only a 227 answers it",
    undefined,
  ],
  ["no PASV at all", [["server", GOOD]], "nothing was pending: no PASV or EPSV came before it", undefined],
  [
    "a command that the proxy does not know",
    [
      ["client", " PASV"],
      ["server", GOOD],
    ],
    'the proxy does not know " PASV": only a line that begins with PASV, EPSV, PORT or EPRT, the last two with a blank behind',
    undefined,
  ],
  [
    "no parentheses",
    [
      ["client", "PASV"],
      ["server", "227 Entering passive mode. 198,51,100,9,195,80"],
    ],
    'no port is read in it: "(h1,h2,h3,h4,p1,p2" must come after the last blank',
    "--lenient-replies",
  ],
  [
    "a low port",
    [
      ["client", "PASV"],
      ["server", "227 Ok (198,51,100,9,0,20)"],
    ],
    "port 20 is below 1024",
    undefined,
  ],
])("%s: the reason, and the option that cures it", (_, dialogue, why, cure) => {
  expect(explained([GREETING, ...dialogue])).toEqual([{ text: expect.any(String), why, cure }]);
});

test("rules of an earlier negotiation that are still loaded are named", () => {
  const { events } = lines([
    GREETING,
    ["client", "PASV"],
    ["server", GOOD],
    ["client", "PASV"],
    ["server", "226 Done"],
    ["server", GOOD],
  ]);
  const anchor = { kind: "anchor", atMs: 0, anchor: "ftp-proxy/1.1", before: [], rules: ["pass"] } as const;
  const whys = explainUnrewritten([anchor, ...events], []).flatMap((event) => ("why" in event ? [event.why] : []));
  expect(whys).toEqual([
    expect.stringMatching(/^nothing was pending: .*; the anchor still holds the rules of the earlier PASV$/),
  ]);
});

const client = fc.constantFrom(
  "PASV",
  "EPSV",
  " PASV",
  "NOOP",
  "RETR a",
  "PORT 10,0,0,2,200,16",
  "PORT\t1,2",
  "EPSV ALL",
);
const server = fc.constantFrom(
  ...[GOOD, "227 Ok 198,51,100,9,195,80", "227-(198,51,100,9,195,80)", "227 no numbers", "227 Ok (1,2,3,4,0,20)"],
  ...["229 Ok (|||50000|)", "229 Ok (!!!50000!)", "200 Ok", "226 Done", "150 Here", "230-Hi", "230 Hi"],
);
const dialogues = fc.array(
  fc.oneof(
    client.map((text): Said => ["client", text]),
    server.map((text): Said => ["server", text]),
  ),
  { maxLength: 12 },
);

test("a line is explained if and only if the proxy did not rewrite it; the cure that is named rewrites it in the same dialogue", () => {
  fc.assert(
    fc.property(dialogues, (dialogue) => {
      const { events, hungUp } = lines(dialogue);
      const reasons = explainUnrewritten(events, []);
      reasons.forEach((event, at) => {
        if (event.kind !== "line" || event.to !== "proxy") return;
        const next = events[at + 1];
        const passed = next?.from === "proxy" && next.insteadOf === undefined;
        const refused = hungUp && at === events.length - 1;
        const isReply = event.from === "server" && /^22[79]/.test(event.text);
        if (isReply) expect(event.why !== undefined).toBe(passed || refused);
        expect(event.why ?? "").not.toContain("would have rewritten");
        if (event.cure === undefined) return;
        const number = events.slice(0, at).filter(({ to }) => to === "proxy").length;
        const cured = lines(dialogue, event.cure.split(" ")).events;
        const arrival = cured.findIndex(
          (one) =>
            one.to === "proxy" &&
            cured.slice(0, cured.indexOf(one)).filter(({ to }) => to === "proxy").length === number,
        );
        // The option may have changed what came before; then the line meets another proxy state.
        if (JSON.stringify(cured.slice(0, arrival)) !== JSON.stringify(events.slice(0, at))) return;
        expect(cured[arrival + 1]).toMatchObject({ from: "proxy", to: "client", insteadOf: event.text });
      });
    }),
    { numRuns: 2000 },
  );
});
