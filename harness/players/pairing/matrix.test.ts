/** The matrix: the Debian packages of its programs. */

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { CLIENTS } from "../programs/clients.ts";
import { SERVERS } from "../programs/servers.ts";

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");
/** A list may span several lines. */
const listIn = (text: string, name: string) =>
  new RegExp(`^${name}="([^"]*)"$`, "m").exec(text)?.[1]?.split(/\s+/) ?? [];
const sorted = (names: Iterable<string>) => [...names].sort();

const script = read("../programs/install.sh");
const readme = read("../../../README.md");
const section = /^## Real programs\n(.*?)^## /ms.exec(readme)?.[1] ?? "";
const installed = /^apt-get install --no-install-recommends (.*)$/m.exec(section)?.[1]?.split(" ") ?? [];
/** Packages for the lab itself. */
const LAB = ["conntrack", "iproute2", "nftables"];

test("install.sh has the packages of every player, and no others", () => {
  expect(listIn(script, "clients")).toEqual(sorted(CLIENTS.map((one) => one.package)));
  expect(listIn(script, "servers")).toEqual(sorted(SERVERS.map((one) => one.package)));
});

test("the README installs the lab's packages and the programs by that script, and names all clients", () => {
  expect(sorted(installed)).toEqual(LAB);
  expect(section).toContain("sh harness/players/programs/install.sh");
  for (const { name } of CLIENTS) expect(section).toContain(name);
  const page = read("../../../docs/labs/netns.md");
  for (const { name } of SERVERS) expect(page).toContain(name);
});

test("CI installs what the lab needs, and the programs by that script", () => {
  const ci = read("../../../.ci/run");
  expect(listIn(ci, "packages")).toEqual(expect.arrayContaining(LAB));
  expect(ci).toMatch(/^ +harness\/players\/programs\/install\.sh /m);
});
