/** The README, install.sh, CI and the players name the same Debian packages. */

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { CLIENTS, SERVERS } from "./known.ts";

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");
/** A list may go on over several lines. */
const listIn = (text: string, name: string) =>
  new RegExp(`^${name}="([^"]*)"$`, "m").exec(text)?.[1]?.split(/\s+/) ?? [];
const sorted = (names: Iterable<string>) => [...names].sort();

const script = read("./install.sh");
const readme = read("../../../README.md");
const section = /^## Real programs\n(.*?)^## /ms.exec(readme)?.[1] ?? "";
const installed = /^apt-get install --no-install-recommends (.*)$/m.exec(section)?.[1]?.split(" ") ?? [];
/** What the lab itself needs. */
const LAB = ["conntrack", "iproute2", "nftables"];

test("install.sh has the packages of every player, and no others", () => {
  expect(listIn(script, "clients")).toEqual(sorted(CLIENTS.map((one) => one.package)));
  expect(listIn(script, "servers")).toEqual(sorted(SERVERS.map((one) => one.package)));
});

test("the README's apt-get has all clients, and those servers that go together; it names the others", () => {
  const servers = listIn(script, "servers");
  const others = servers.filter((name) => !installed.includes(name));
  expect(sorted(installed)).toEqual(
    sorted([...LAB, ...listIn(script, "clients"), ...servers.filter((name) => installed.includes(name))]),
  );
  // Each of Debian's packages of FTP servers but pyftpdlib's, which is a library, conflicts with the others.
  expect(servers.filter((name) => installed.includes(name))).toEqual(["python3-pyftpdlib", "vsftpd"]);
  for (const name of others) expect(section).toContain(name);
  for (const { name } of CLIENTS) expect(section).toContain(name);
});

test("CI installs what the lab needs, and the programs by that script", () => {
  const ci = read("../../../.ci/run");
  expect(listIn(ci, "packages")).toEqual(expect.arrayContaining(LAB));
  expect(ci).toMatch(/^ +harness\/players\/programs\/install\.sh /m);
});
