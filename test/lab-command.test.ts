/** `anchorage lab` used wrongly, or where no lab stands: what it says, and with which status. */

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { expectWrongUse } from "./anchorage.ts";

const BIN = fileURLToPath(new URL("../bin/anchorage.mjs", import.meta.url));

function lab(...args: readonly string[]) {
  return spawnSync(process.execPath, [BIN, "lab", ...args], { encoding: "utf8" });
}

describe("anchorage lab", () => {
  test.each([
    [["up", "--name", "My Lab"], /"My Lab" is no name for a lab/],
    [["up", "--subject", "squid"], /no subject is called "squid"; there are/],
    [["up", "--server", "iis"], /no server is called "iis"; there are ftp-srv,.* vsftpd, none/],
    [["up", "--pf-conf", "no-such.conf"], /no-such\.conf cannot be read/],
    [["up", "--side", "left"], /Allowed choices are forward, reverse/],
    [["shell", "moon"], /Allowed choices are client, firewall, server/],
    [["watch", "--interval", "often"], /Seconds, from 0\.1 to 3600/],
    [["frobnicate"], /unknown command/],
  ])("%j is wrong use", (args, words) => {
    expectWrongUse(lab(...args), words);
  });

  test.each([["shell", "client"], ["watch"], ["pfctl", "-sr"], ["log"]])(
    "%s says how to set up a lab where none stands",
    (...args) => {
      const [command = "", ...rest] = args;
      const { status, stderr } = lab(command, "--name", "none-of-that-name", ...rest);
      expect(stderr).toContain('no lab "none-of-that-name" stands: sudo npx anchorage lab up --name none-of-that-name');
      expect(status).toBe(1);
    },
  );

  test("down is content when nothing stands", () => {
    const { status, stdout } = lab("down", "--name", "none-of-that-name");
    expect(stdout).toContain('no lab "none-of-that-name" stands');
    expect(status).toBe(0);
  });

  test("has help, with the commands in the order in which a person needs them", () => {
    const { status, stdout } = lab("--help");
    expect(stdout).toMatch(/lab up .*lab watch .*lab shell client .*lab pfctl -sr .*lab down/s);
    expect(status).toBe(0);
    expect(lab("up", "--help").stdout).toContain("--capture <file>");
  });
});
