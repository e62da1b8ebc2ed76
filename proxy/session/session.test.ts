import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SeededRandom } from "../../harness/net/time/random.ts";
import type { Action, Peer, SessionInput } from "./action.ts";
import { toBytes, toText } from "./octets.ts";
import { ControlSession } from "./session.ts";
import { type Extensions, noExtensions, type SessionSetup } from "./setup.ts";

const setup: SessionSetup = {
  id: 1,
  count: 1,
  maxSessions: 100,
  client: "10.0.0.2",
  original: "198.51.100.9",
  server: "198.51.100.9",
  proxy: "198.51.100.1",
  generation: "modern",
  rules: { era: "divert-to" },
  ipv6: false,
  anonymousOnly: false,
  activeFromPort20: false,
  timeout: 86_400,
  logLevel: 7,
  extensions: noExtensions,
};

const bytes = (from: Peer, text: string): SessionInput => ({ kind: "bytes", from, bytes: toBytes(text) });

/** Plays inputs, answering every load at once, and gathers what came out. */
function play(inputs: readonly SessionInput[], changes: Partial<SessionSetup> = {}) {
  const session = new ControlSession({ ...setup, ...changes }, new SeededRandom(3));
  const out = { client: "", server: "", log: [] as string[], rules: [] as string[], drops: 0, closed: false };
  const perform = (actions: readonly Action[]) => {
    for (const action of actions) {
      if (action.kind === "send") out[action.to] += toText(action.bytes);
      if (action.kind === "log") out.log.push(action.text);
      if (action.kind === "drop") out.drops++;
      if (action.kind === "close") out.closed = true;
      if (action.kind === "load") {
        out.rules.push(action.rules);
        perform(session.handle({ kind: "rules-loaded" }));
      }
    }
  };
  perform(session.start());
  for (const input of inputs) perform(session.handle(input));
  return out;
}

const passive = "227 Entering Passive Mode (198,51,100,9,195,80)\r\n";
const withExtension = (extensions: Partial<Extensions>) => ({ extensions: { ...noExtensions, ...extensions } });

describe("a session waits for its rules", () => {
  const session = new ControlSession(setup, new SeededRandom(1));
  session.start();
  const kinds = (actions: readonly Action[]) => actions.map((action) => action.kind);

  it("holds the line, the rest of the segment and what comes meanwhile, in order", () => {
    expect(kinds(session.handle(bytes("client", "PORT 10,0,0,2,200,16\r\nRETR a\r\n")))).not.toContain("send");
    expect(session.loading).toBe(true);
    expect(session.handle(bytes("server", "220 hi\r\n"))).toEqual([]);
    expect(session.handle({ kind: "end", from: "client" })).toEqual([]);
    const done = session.handle({ kind: "rules-loaded" });
    const sent = done.flatMap((action) => (action.kind === "send" ? [`${action.to}: ${toText(action.bytes)}`] : []));
    expect(sent[0]).toMatch(/^server: PORT 198,51,100,1,/);
    expect(sent.slice(1)).toEqual(["server: RETR a\r\n", "client: 220 hi\r\n"]);
    expect(kinds(done).slice(-2)).toEqual(["drop", "close"]);
  });
});

const classic = { generation: "classic", rules: { era: "rdr-anchor" } } as const;

describe("the classic generations", () => {
  const offer = bytes("client", "PORT 10,0,0,2,200,16\r\n");

  it.each([
    ["early: only after `200 `", classic, [offer, bytes("server", "200 ok\r\n")]],
    ["late: before PORT is sent on", { ...classic, generation: "late-classic" }, [offer]],
  ] as const)("open an active connection with four rules; %s", (_, changes, inputs) => {
    const { server, rules, log } = play(inputs, changes);
    expect(server).toMatch(/^PORT 198,51,100,1,/);
    expect(rules).toHaveLength(1);
    expect(rules[0]?.split("\n").map((rule) => rule.split(" ")[0])).toEqual(["rdr", "nat", "pass", "pass", ""]);
    expect(log.at(-1)).toMatch(/^#1 active: server to client port 51216 via port \d+$/);
    expect(log[0]).toMatch(/ via proxy 198\.51\.100\.1 $/);
  });

  it.each([
    [[offer, bytes("server", "250 ok\r\n")]],
    [[offer, bytes("server", "500 no\r\n")]],
    [[offer, bytes("server", "200-ok\r\n200 ok\r\n")]],
    // The client goes on before the reply.
    [[offer, bytes("client", "RETR a\r\n"), bytes("server", "200 ok\r\n")]],
  ])("open nothing after another reply, %#", (inputs) => {
    expect(play(inputs, classic).rules).toEqual([]);
  });
});

describe("extensions, each without and with", () => {
  it("--match-replies keeps a pipelined PASV and one behind a late 226", () => {
    const inputs = [
      bytes("server", "220 hi\r\n"),
      bytes("client", "TYPE I\r\nPASV\r\nNOOP\r\n"),
      bytes("server", `200 ok\r\n${passive}200 ok\r\n`),
    ];
    expect(play(inputs).client).toContain(passive);
    const matched = play(inputs, withExtension({ matchReplies: true }));
    expect(matched.rules).toHaveLength(1);
    expect(matched.client).not.toContain(passive);
    const multiline = [
      bytes("server", "220-a\r\n220 b\r\n"),
      bytes("client", "PASV\r\n"),
      bytes("server", `227-x\r\n${passive}`),
    ];
    expect(play(multiline, withExtension({ matchReplies: true })).rules).toHaveLength(1);
  });

  it("--check-peer refuses a third host in PORT and in 227", () => {
    const bounce = [bytes("client", "PORT 192,0,2,9,200,16\r\n")];
    expect(play(bounce).rules).toHaveLength(1);
    const refused = play(bounce, withExtension({ checkPeer: true }));
    expect(refused).toMatchObject({ rules: [], server: "", client: "500 Illegal PORT command\r\n", closed: false });
    const foreign = [bytes("client", "PASV\r\n"), bytes("server", "227 x (192,0,2,9,195,80)\r\n")];
    expect(play(foreign).rules).toHaveLength(1);
    expect(play(foreign, withExtension({ checkPeer: true }))).toMatchObject({ rules: [], client: "", closed: true });
  });

  it("--lenient-replies reads what ftp-proxy ends the session for", () => {
    const inputs = [bytes("client", "PASV\r\n"), bytes("server", "227 198,51,100,9,195,80\r\n")];
    expect(play(inputs).closed).toBe(true);
    expect(play(inputs, withExtension({ lenientReplies: true })).rules).toHaveLength(1);
  });

  it("--epsv-only answers the others itself", () => {
    const { client, server } = play([bytes("client", "PASV\r\nEPSV\r\n")], withExtension({ modes: new Set(["EPSV"]) }));
    expect([client, server]).toEqual(["502 PASV not allowed here\r\n", "EPSV\r\n"]);
  });

  it("--reply-421 says why it ends", () => {
    const inputs = [bytes("client", "PORT 10,0,0,2,0,25\r\n")];
    expect(play(inputs).client).toBe("");
    expect(play(inputs, withExtension({ reply421: true })).client).toBe("421 Bad port\r\n");
  });

  it("--tls passes on what follows a 234, and only that", () => {
    const hello = "\x16\x03\x01\x02\0\x01\0\x01";
    const inputs = [bytes("client", "AUTH TLS\r\n"), bytes("server", "234 go\r\n"), bytes("client", hello)];
    expect(play(inputs).closed).toBe(true);
    expect(play(inputs, withExtension({ tls: true }))).toMatchObject({ closed: false, server: `AUTH TLS\r\n${hello}` });
    const refused = [bytes("client", "AUTH TLS\r\n"), bytes("server", "500 no\r\n"), bytes("client", hello)];
    expect(play(refused, withExtension({ tls: true })).closed).toBe(true);
  });
});

const dialogue = fc.array(
  fc.constantFrom(
    "PASV\r\n",
    "EPSV\r\n",
    "PORT 10,0,0,2,200,16\r\n",
    "EPRT |1|10.0.0.2|51216|\r\n",
    "NOOP\r\n",
    "USER x\n",
    "p\r\n",
    "a\0b\r\n",
    "x".repeat(300),
  ),
);
const replies = fc.array(
  fc.oneof(
    fc.constantFrom(passive, "229 x (|||50000|)\r\n", "200 ok\r\n", "150 x\r\n", "227 x\r\n", "\r\n"),
    fc.string({ unit: "binary-ascii", maxLength: 100 }).map((text) => `227 ${text}\r\n`),
  ),
);

/** Any bytes, any end, any answer of the firewall, in any order. */
const anyInput: fc.Arbitrary<SessionInput> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("bytes" as const),
      from: fc.constantFrom<Peer>("client", "server"),
      bytes: fc.oneof(
        fc.uint8Array({ maxLength: 600 }),
        dialogue.map((lines) => toBytes(lines.join(""))),
        replies.map((lines) => toBytes(lines.join(""))),
      ),
    }),
  },
  { weight: 3, arbitrary: fc.constant<SessionInput>({ kind: "rules-loaded" }) },
  fc.constant<SessionInput>({ kind: "rules-failed", failure: { stage: "add", reason: "Invalid argument" } }),
  fc.constantFrom<SessionInput>({ kind: "end", from: "client" }, { kind: "reset", from: "server" }, { kind: "stop" }),
  fc.constantFrom<SessionInput>({ kind: "timeout", from: "client" }, { kind: "timeout", from: "server" }),
);

const anySetup: fc.Arbitrary<Partial<SessionSetup>> = fc.record({
  generation: fc.constantFrom("modern" as const, "classic" as const, "late-classic" as const),
  ipv6: fc.boolean(),
  anonymousOnly: fc.boolean(),
  extensions: fc.record({
    matchReplies: fc.boolean(),
    checkPeer: fc.boolean(),
    lenientReplies: fc.boolean(),
    modes: fc.constant(noExtensions.modes),
    reply421: fc.boolean(),
    lineTimeout: fc.constant(0),
    tls: fc.boolean(),
  }),
});

describe("whatever happens", () => {
  it("nothing throws, no line passes before its rules, and rules are dropped exactly once at the end", () => {
    fc.assert(
      fc.property(fc.array(anyInput, { maxLength: 40 }), anySetup, (inputs, changes) => {
        const session = new ControlSession({ ...setup, ...changes }, new SeededRandom(5));
        let loading = false;
        let drops = 0;
        const look = (actions: readonly Action[]) => {
          for (const action of actions) {
            if (action.kind === "load") loading = true;
            if (action.kind === "drop") drops++;
            // Only a 421 at the very end may be sent while rules are on their way.
            if (action.kind === "send" && loading) expect(toText(action.bytes)).toMatch(/^421 /);
          }
          if (session.ended && actions.length > 0) expect(actions.at(-1)?.kind).toBe("close");
        };
        look(session.start());
        for (const input of [...inputs, { kind: "stop" } as const]) {
          const before = session.ended;
          if (input.kind === "rules-loaded" || input.kind === "rules-failed") loading = false;
          const actions = session.handle(input);
          if (before) expect(actions).toEqual([]);
          look(actions);
        }
        expect(session.ended).toBe(true);
        expect(drops).toBe(1);
      }),
      { numRuns: 500 },
    );
  });

  it("how the bytes are cut into segments changes nothing", () => {
    const places = fc.array(fc.nat(1500), { maxLength: 12 });
    fc.assert(
      fc.property(dialogue, replies, places, anySetup, (commands, answers, at, changes) => {
        const whole = (["client", "server"] as const).map((from) =>
          bytes(from, (from === "client" ? commands : answers).join("")),
        );
        const pieces = whole.flatMap((input) => (input.kind === "bytes" ? cut(input, at) : [input]));
        expect(play(pieces, changes)).toEqual(play(whole, changes));
      }),
    );
  });
});

function cut(input: SessionInput & { kind: "bytes" }, places: readonly number[]): SessionInput[] {
  const at = [...new Set([0, ...places.filter((place) => place < input.bytes.length), input.bytes.length])].sort(
    (a, b) => a - b,
  );
  return at.slice(1).map((end, index) => ({ ...input, bytes: input.bytes.slice(at[index], end) }));
}
