import { expect, test } from "vitest";
import type { ProcessResult, RunOptions } from "../../../proxy/host.ts";
import { LabLost } from "../../contract/lab.ts";
import { VirtualClock } from "../../net/time/clock.ts";
import { limitedRun } from "./guest.ts";

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
