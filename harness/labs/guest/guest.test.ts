/** A guest that is slow, hangs, or is lost: limits, patience, connecting again. */

import { describe, expect, test } from "vitest";
import type { ProcessResult, RunOptions } from "../../../proxy/host.ts";
import { works } from "../../contract/expectation.ts";
import { LabLost } from "../../contract/lab.ts";
import { VirtualClock } from "../../net/time/clock.ts";
import { waitingIn } from "../../play/waiting.ts";
import { limitedRun } from "./guest.ts";
import { guestPace, listensIn } from "./play.ts";
import { Reconnecting } from "./reconnecting.ts";

const FINE: ProcessResult = { status: 0, stdout: "fine\n", stderr: "" };

function tools(ends: Promise<ProcessResult>) {
  const clock = new VirtualClock();
  const lost: string[] = [];
  let given: RunOptions | undefined;
  const run = limitedRun(
    (_command, _args, options) => {
      given = options;
      return ends;
    },
    { name: "firewall", clock, onLate: (why) => lost.push(why) },
  );
  return { clock, lost, run, given: () => given };
}

test("a program that ends in time is answered, and nothing happens later", async () => {
  const { clock, lost, run, given } = tools(Promise.resolve(FINE));
  expect(await run("pfctl", ["-sr"], { stdin: "text" })).toBe(FINE);
  await clock.advance(3_600_000);
  expect([lost, given()?.stdin, given()?.signal?.aborted]).toEqual([[], "text", false]);
});

test("a program that hangs is given up after a minute and a half, and the lab is lost by its name", async () => {
  const { clock, lost, run, given } = tools(new Promise(() => {}));
  const why = "firewall: pfctl -a ftp-proxy/1.1 -sr has not ended in 90 s";
  const hung = expect(run("pfctl", ["-a", "ftp-proxy/1.1", "-sr"])).rejects.toThrow(new LabLost(why));
  await clock.advance(89_999);
  expect(lost).toEqual([]);
  await clock.advance(1);
  await hung;
  expect([lost, given()?.signal?.aborted]).toEqual([[why], true]);
});

test("topology.sh has five minutes: on an emulated machine it takes two", async () => {
  const { clock, lost, run } = tools(new Promise(() => {}));
  const hung = expect(run("sh", ["topology.sh", "up"])).rejects.toThrow("has not ended in 300 s");
  await clock.advance(299_999);
  expect(lost).toEqual([]);
  await clock.advance(1);
  await hung;
});

const patience = (measures: Parameters<typeof guestPace>[0], milliseconds: number) =>
  waitingIn({ ...guestPace(measures), quiet: async () => {} }, works, "ftp-proxy").patience(
    "client gets 227",
    milliseconds,
  );

test("a fast guest gets the limits of any lab in real time", () => {
  const quick = { roundTripMs: 1, programMs: 15 };
  expect(patience(quick, 60_000)).toBe(20_000);
  expect(guestPace(quick).connectLimitMs).toBe(1_300);
});

test("an emulated guest on a busy machine gets the time of its programs, beside a timer's own", () => {
  const slow = { roundTripMs: 90, programMs: 3_000 };
  expect(patience(slow, 60_000)).toBeGreaterThan(60_000);
  expect(patience(slow, 30_000)).toBeGreaterThan(90_000);
  expect(guestPace(slow).connectLimitMs).toBe(15_000);
});

/** Its loss shows when it is checked, as that of an idle agent does. */
class Guest {
  isGone = false;
  closed = false;
  lost: string | undefined;
  async check(): Promise<void> {
    if (this.isGone) this.lost = "firewall: ssh ended with status 255";
  }
  async close(): Promise<void> {
    this.closed = true;
  }
}

function guests(reachable: () => boolean = () => true) {
  const made: Guest[] = [];
  const guest = new Reconnecting(async () => {
    if (!reachable()) throw new Error("cannot be reached: no route to host");
    made.push(new Guest());
    return made.at(-1) as Guest;
  });
  const notes: string[] = [];
  return { guest, made, notes, checked: () => guest.checked((text) => notes.push(text)) };
}

describe("a connection for all plays", () => {
  test("is kept, and replaced when it was lost between two plays, with a note", async () => {
    const { guest, made, notes, checked } = guests();
    const first = await checked();
    expect([await checked(), notes]).toEqual([first, []]);
    first.isGone = true;
    const second = await checked();
    expect([second === made[1], first.closed, second.closed]).toEqual([true, true, false]);
    expect(notes).toEqual(["firewall: ssh ended with status 255; connecting again"]);
    expect(guest.lost).toBeUndefined();
  });

  test("is lost for good the second time", async () => {
    const { guest, made, checked } = guests();
    (await checked()).isGone = true;
    (await checked()).isGone = true;
    await expect(checked()).rejects.toThrow(LabLost);
    expect(made).toHaveLength(2);
    expect(guest.lost).toBe("firewall: ssh ended with status 255");
  });

  test("is lost for good when it cannot be replaced, with both reasons", async () => {
    let up = true;
    const { guest, checked } = guests(() => up);
    (await checked()).isGone = true;
    up = false;
    const why = "firewall: ssh ended with status 255; connecting again failed: cannot be reached: no route to host";
    await expect(checked()).rejects.toThrow(new LabLost(why));
    expect(guest.lost).toBe(why);
  });

  test("that failed at first may be tried again", async () => {
    let up = false;
    const { guest } = guests(() => up);
    await expect(guest.connected()).rejects.toThrow("cannot be reached");
    up = true;
    expect((await guest.connected()).lost).toBeUndefined();
  });
});

describe("netstat -an", () => {
  const OPENBSD = `Active Internet connections (including servers)
Proto   Recv-Q Send-Q  Local Address          Foreign Address        TCP-State
tcp          0      0  10.0.2.15.22           10.0.2.2.50000         ESTABLISHED
tcp          0      0  127.0.0.1.8021         *.*                    LISTEN
tcp          0      0  *.22                   *.*                    LISTEN
udp          0      0  127.0.0.1.8022         *.*
`;
  const FREEBSD = `Proto Recv-Q Send-Q Local Address          Foreign Address        (state)
tcp6       0      0 2001:db8:2::1.21       *.*                    LISTEN
tcp46      0      0 *.8021                 *.*                    LISTEN
`;

  test.each([
    [OPENBSD, "127.0.0.1", 8021, true],
    [OPENBSD, "198.51.100.1", 22, true],
    [OPENBSD, "10.0.2.15", 8021, false],
    [OPENBSD, "127.0.0.1", 8022, false],
    [OPENBSD, "10.0.2.2", 50_000, false],
    [FREEBSD, "2001:db8:2::1", 21, true],
    [FREEBSD, "::1", 8021, true],
    [FREEBSD, "2001:db8:2::10", 21, false],
  ])("%#: %s port %s %s", (text, address, port, listens) => {
    expect(listensIn(text, { address, port })).toBe(listens);
  });
});
