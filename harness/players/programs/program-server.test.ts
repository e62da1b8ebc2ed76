import { describe, expect, test } from "vitest";
import { RIGHT, twoHosts } from "../../labs/sim/two-hosts.fixture.ts";
import { ControlChannel, toBytes } from "../script/control-channel.ts";
import { answersLogIn } from "./program-server.ts";

const PATIENCE_MS = 10_000;

/** Logs in to a server with these answers: the commands that it got, the verdict, and how long that took. */
async function visited(answers: readonly string[] | "absent") {
  const { right: server, clock, play } = twoHosts();
  const commands: string[] = [];
  if (answers !== "absent") {
    await server.listen({ address: RIGHT.inet, port: 21 }, (connection) => {
      const control = new ControlChannel(connection, server.clock);
      void (async () => {
        for (const [at, answer] of answers.entries()) {
          if (at > 0) commands.push(await control.line("a command"));
          if (answer === "hangs up") return connection.close();
          connection.write(toBytes(answer));
        }
      })().catch(() => {});
    });
  }
  const since = clock.now();
  const answered = await play(answersLogIn(server, RIGHT.inet, PATIENCE_MS));
  return { answered, commands, lastedMs: clock.now() - since };
}

describe("whether a server answers the account's log-in", () => {
  test("one that lets it in is asked for nothing more", async () => {
    const { answered, commands } = await visited([
      "220-Hello\r\n220 ftpd\r\n",
      "331 Password?\r\n",
      "230-\r\n230 In.\r\n",
    ]);
    expect(answered).toBe(true);
    expect(commands).toEqual(["USER anchorage", "PASS anchorage"]);
  });

  test("no password is sent where none is asked for", async () => {
    const { answered, commands } = await visited(["220 ftpd\r\n", "230 In.\r\n", "500 ?\r\n"]);
    expect(answered).toBe(true);
    expect(commands).toEqual(["USER anchorage"]);
  });

  test.each([
    { it: "refuses", answers: ["220 ftpd\r\n", "530 No.\r\n"] },
    { it: "hangs up after the greeting", answers: ["220 ftpd\r\n", "hangs up"] },
  ])("one that $it has answered: the play shows what it does", async ({ answers }) => {
    expect((await visited(answers)).answered).toBe(true);
  });

  test.each([
    { who: "no server", answers: "absent" as const },
    { who: "one that hangs up at once", answers: ["hangs up"] },
  ])("$who: it may still be starting", async ({ answers }) => {
    const { answered, lastedMs } = await visited(answers);
    expect(answered).toBe(false);
    expect(lastedMs).toBeLessThan(1_000);
  });

  test("one that stays silent is given the whole time, and no more", async () => {
    const { answered, lastedMs } = await visited([""]);
    expect(answered).toBe(false);
    expect(lastedMs).toBeGreaterThanOrEqual(PATIENCE_MS);
    expect(lastedMs).toBeLessThan(PATIENCE_MS + 1_000);
  });
});
