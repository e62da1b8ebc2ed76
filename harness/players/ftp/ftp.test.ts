/** The plain server and client, and quirks made of them, on two hosts of the simulated network. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Wish } from "../../contract/errands.ts";
import { RIGHT, twoHosts } from "../../labs/sim/two-hosts.fixture.ts";
import { type ClientBehaviour, ClientSession } from "./client-session.ts";
import { FtpServer } from "./server.ts";
import type { ServerBehaviour } from "./server-session.ts";

const waits = { connectMs: 30_000, replyMs: 60_000 };

interface Quirks {
  readonly server?: ServerBehaviour;
  readonly client?: ClientBehaviour;
  readonly family?: "inet" | "inet6";
}

/** What came of the errands, and the dialogue. */
async function meet(wishes: readonly Wish[], { server = {}, client = {}, family = "inet" }: Quirks = {}) {
  const hosts = twoHosts();
  const dialogue: string[] = [];
  const errands = await hosts.play(async () => {
    const ftpd = await FtpServer.start(hosts.right, { address: RIGHT[family], port: 21 }, server, { dataMs: 20_000 });
    const session = new ClientSession(hosts.left, {
      ...{ server: ftpd.endpoint, family, behaviour: client, waits },
      onLine: (line) => dialogue.push(line),
    });
    await session.runs(wishes);
    ftpd.close();
    return session.errands;
  }, 3_600_000);
  return { errands, dialogue, verdicts: errands.map(({ verdict }) => verdict) };
}

const both: readonly Wish[] = [{ what: "fetch" }, { what: "store" }, { what: "list" }];

describe("the plain server and the plain client", () => {
  test.each(["inet", "inet6"] as const)("fetch, store and list over %s, passive and active", async (family) => {
    for (const mode of ["passive", "active"] as const) {
      const { verdicts } = await meet(
        both.map((wish) => ({ ...wish, mode })),
        { family },
      );
      expect(verdicts).toEqual(["done", "done", "done", "done"]);
    }
  });

  test("a second session is served while the first goes on", async () => {
    const hosts = twoHosts();
    const verdicts = await hosts.play(async () => {
      const ftpd = await FtpServer.start(hosts.right, { address: RIGHT.inet, port: 21 });
      const sessions = [1, 2, 3].map(
        () => new ClientSession(hosts.left, { server: ftpd.endpoint, family: "inet", behaviour: {}, waits }),
      );
      await Promise.all(sessions.map((session) => session.runs(both)));
      ftpd.close();
      return sessions.flatMap(({ errands }) => errands.map(({ verdict }) => verdict));
    });
    expect(new Set(verdicts)).toEqual(new Set(["done"]));
    expect(verdicts).toHaveLength(12);
  });

  test("lines arrive whole however they are cut", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }), async (cuts) => {
        const writes = (line: string): string[] => {
          const pieces: string[] = [];
          for (let at = 0, n = 0; at < line.length; n++) {
            const length = cuts[n % cuts.length] ?? 1;
            pieces.push(line.slice(at, at + length));
            at += length;
          }
          return pieces;
        };
        const { verdicts } = await meet([{ what: "fetch" }], { server: { writes }, client: { writes } });
        expect(verdicts).toEqual(["done", "done"]);
      }),
      { numRuns: 10 },
    );
  });
});

describe("what a user notices", () => {
  test("a reply that never comes is a hang", async () => {
    const { errands } = await meet([{ what: "fetch" }], { server: { replies: { PASV: null } } });
    expect(errands.at(-1)).toMatchObject({ verdict: "failed", negotiation: ["PASV"], notice: "hangs for 60 s" });
  });

  test("a refusal is the server's own text, and the next errand is still tried", async () => {
    const { errands } = await meet(both, {
      server: { replies: { "no file": "550 Gone" }, commands: { RETR: (session) => session.replies("no file") } },
    });
    expect(errands.map(({ verdict, notice }) => [verdict, notice])).toEqual([
      ["done", undefined],
      ["failed", "550 Gone"],
      ["done", undefined],
      ["done", undefined],
    ]);
  });

  test("a server that hangs up ends the session, and the other errands are not tried", async () => {
    const { errands } = await meet(both, { server: { commands: { PASV: (session) => session.closes() } } });
    expect(errands.map(({ verdict, notice }) => [verdict, notice])).toEqual([
      ["done", undefined],
      ["failed", "connection closed"],
      ["not-tried", undefined],
      ["not-tried", undefined],
    ]);
  });

  test("a client that falls back takes a detour", async () => {
    const quirks = { server: { replies: { EPSV: "500 What?" } }, client: { negotiation: ["EPSV", "PASV"] } };
    const { errands } = await meet([{ what: "fetch" }], quirks);
    expect(errands.at(-1)).toMatchObject({ verdict: "detour", negotiation: ["EPSV", "PASV"], bytes: 46_890 });
  });

  test("data that is cut short is incomplete", async () => {
    const cutsShort: ServerBehaviour = {
      commands: {
        RETR: async (session, name) => {
          await session.says("150 Here it comes");
          const data = await session.opensData();
          await data.sends(session.files.read(name)!.subarray(0, 1_000), 1_000);
          data.closes();
          await session.says("226 Done");
        },
      },
    };
    const { errands } = await meet([{ what: "fetch" }], { server: cutsShort });
    expect(errands.at(-1)).toMatchObject({ verdict: "failed", notice: "data incomplete: 1000 of 46890 bytes" });
  });

  test("a refused control connection", async () => {
    const hosts = twoHosts();
    const errands = await hosts.play(async () => {
      const server = { address: RIGHT.inet, port: 21 };
      const session = new ClientSession(hosts.left, { server, family: "inet", behaviour: {}, waits });
      await session.runs([{ what: "list" }]);
      return session.errands;
    });
    expect(errands).toEqual([
      { what: "log in", verdict: "failed", notice: "connection refused" },
      { what: "list", verdict: "not-tried" },
    ]);
  });
});

test("ABOR breaks a transfer off with 426 and 226", async () => {
  const aborts: ClientBehaviour = { transfers: (client) => client.breaksOff(() => client.sends("ABOR")) };
  const slow: ServerBehaviour = {
    commands: {
      RETR: (session) => session.transfersOut(new Uint8Array(3_000_000)),
    },
  };
  const { dialogue, verdicts } = await meet([{ what: "fetch" }], { server: slow, client: aborts });
  const abort = dialogue.indexOf("> ABOR");
  expect(dialogue.slice(abort + 1, abort + 3)).toEqual([
    "< 426 Connection closed; transfer aborted",
    "< 226 Nothing to abort",
  ]);
  expect(verdicts).toEqual(["done", "done"]);
});

test("a line is the same with Telnet commands in it, and a doubled IAC is one byte (RFC 854)", async () => {
  const names = ["caf\xff.bin", "caf\xff\xff.bin"];
  const kept: string[] = [];
  const server: ServerBehaviour = { commands: { STOR: (_, name) => void kept.push(name) } };
  await meet([{ what: "talk" }], {
    server: { ...server, replies: { greeting: "\xff\xfb\x01220 Ready" } },
    client: {
      does: async (client) => {
        await client.connects();
        for (const name of names) await client.sends("STOR", name.replaceAll("\xff", "\xff\xff"));
        await client.writes("\xff\xf1STOR plain");
        await client.asks("NOOP");
      },
    },
  });
  expect(kept).toEqual([...names, "plain"]);
});

test("a server that waits too long for a command says 421", async () => {
  const { errands } = await meet([{ what: "talk" }], {
    client: {
      does: async (client) => {
        await client.connects();
        await client.logsIn();
        await client.waits(1_000_000);
        await client.does({ what: "talk" });
      },
    },
  });
  expect(errands.at(-1)).toMatchObject({ verdict: "failed", notice: "421 Timeout" });
});
