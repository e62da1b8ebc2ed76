/** A play's capture in Wireshark: the proxy's log and the anchors' rules are comments beside the packets. */

import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ownChoice, playCells } from "../harness/run/play-catalogue.fixture.ts";
import { select } from "../harness/run/selection.ts";

const has = (program: string, flag: string) =>
  spawnSync(program, [flag], { stdio: "ignore" }).error === undefined ? undefined : `${program} is not installed`;
const noTcpdump = has("tcpdump", "--version");
const noTshark = has("tshark", "--version");

let folder: string;
let file: string;
let bytes: Uint8Array = new Uint8Array();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "anchorage-"));
  file = join(folder, "play.pcapng");
  const planned = select(await ownChoice(), { ids: ["passive/pasv@core,sim,divert-to,inet,forward"] }, 1);
  await playCells(planned, {
    keepsCapture: () => true,
    onResult: async (_, capture) => {
      if (capture !== undefined) bytes = capture;
      return undefined;
    },
  });
  await writeFile(file, bytes);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe("the capture of a play", () => {
  test("has the proxy's log, the anchor's rules and what PF dropped as comments", () => {
    const text = Buffer.from(bytes).toString("latin1");
    expect(text).toContain("log: #1 accepted connection from 10.0.0.5");
    expect(text).toMatch(/ftp-proxy\/4711\.1 holds\npass in quick/);
    expect(text).toContain("ftp-proxy/4711.1 is empty");
    expect(text).toMatch(/dropped in on em\d: match: block/);
  });

  test.skipIf(noTcpdump !== undefined)(`is read by tcpdump${noTcpdump ? `: not run, ${noTcpdump}` : ""}`, () => {
    const { status, stdout } = spawnSync("tcpdump", ["-n", "-r", file], { encoding: "utf8" });
    expect(status).toBe(0);
    expect(stdout).toContain("IP 10.0.0.5.");
    expect(stdout).toContain("FTP: PASV");
  });

  test.skipIf(noTshark !== undefined)(`is read by Wireshark${noTshark ? `: not run, ${noTshark}` : ""}`, () => {
    const fields = ["frame.interface_name", "ftp.request.command", "frame.comment"].flatMap((name) => ["-e", name]);
    const { status, stdout } = spawnSync("tshark", ["-r", file, "-T", "fields", ...fields], { encoding: "utf8" });
    expect(status).toBe(0);
    // The proxy's log is at the line that it sends on.
    expect(stdout).toContain("firewall.em0\tPASV\tlog: #1 client: PASV\\r\\n");
    expect(stdout).toMatch(/^firewall\.em1\t.*holds/m);
  });
});
