/**
 * A part of the matrix of real programs, so that every client and every server of it plays; the whole is
 * `anchorage run programs --lab netns`.
 */

import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { playCatalogue } from "../../run/play-catalogue.fixture.ts";
import netns from "../netns.ts";
import { processesIn } from "./processes.ts";

const CLIENTS = ["curl", "ftplib", "inetutils-ftp", "lftp", "ncftp", "tnftp", "wget"];
const SERVERS = ["inetutils-ftpd", "proftpd", "pure-ftpd", "pyftpdlib", "vsftpd"];

const missing = await netns.unavailable();

async function play(ids: readonly string[]) {
  return (await playCatalogue([netns], { ids, subjects: ["core", "none"], eras: ["divert-to"] })).plays;
}

describe.skipIf(missing !== undefined)(`real programs${missing === undefined ? "" : `: not run, ${missing}`}`, () => {
  test("every client with a server, active and passive, through the core, and not without it", async (context) => {
    const pairs = Array.from({ length: 7 }, (_, at) => `programs/${CLIENTS[at]}/${SERVERS[at % SERVERS.length]}`);
    const plays = await play(pairs.flatMap((pair) => [`${pair}-active`, `${pair}-passive`]));
    const absent = plays.filter(({ reason = "" }) => reason.includes("is not installed"));
    const wrong = plays.filter((one) => !["passed", "does-not-apply"].includes(one.grade) && !absent.includes(one));
    expect(wrong.map(({ id, grade, reason }) => `${id}: ${grade}: ${reason}`)).toEqual([]);
    for (const { grade, players } of plays) {
      if (grade !== "passed") continue;
      expect(players.map(({ name, version }) => `${name} ${version}`).join()).not.toContain("undefined");
    }
    if (absent.length === plays.length) context.skip(`not run: ${absent[0]?.reason}`);
  }, 240_000);

  test("who leaves its agent's process group does not outlive the play", async () => {
    const lab = await netns.open({ seed: 1, side: "forward", family: "inet", era: "divert-to", pfConf: "pass\n" });
    try {
      const names = readdirSync("/run/netns").filter((name) => name.startsWith(`anchorage-${process.pid}-`));
      const before = processesIn(names);
      expect(before).toHaveLength(names.length);
      const { status } = await lab.hosts.server.run("sh", ["-c", "setsid sleep 300 >/dev/null 2>&1 </dev/null &"]);
      expect(status).toBe(0);
      expect(processesIn(names)).toHaveLength(names.length + 1);
      await lab.close();
      expect(processesIn(names)).toEqual(before);
    } finally {
      await netns.shutDown?.();
    }
  }, 60_000);
});
