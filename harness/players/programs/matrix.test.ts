/** The matrix: the witness of its expected failures, and the Debian packages of its programs. */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { TimelineEvent } from "../../contract/scenario.ts";
import { CLIENTS } from "./clients.ts";
import { dataBlocked } from "./matrix.ts";
import { SERVERS } from "./servers.ts";

const line = (text: string, from: "client" | "server" = "server"): TimelineEvent => ({
  kind: "line",
  atMs: 0,
  from,
  to: from === "client" ? "server" : "client",
  session: 1,
  text: `${text}\\r\\n`,
});
const data = (event: "opened" | "no-answer" | "refused"): TimelineEvent => ({
  kind: "connection",
  atMs: 0,
  channel: "data",
  from: "server",
  to: "client",
  event,
  addresses: "198.51.100.7:20 -> 10.0.0.5:40000",
});
const login = line("230 Login successful.");
const port = line("PORT 10,0,0,5,156,64", "client");

describe("the firewall is the reason when a program had asked for a data connection and", () => {
  test("nothing answered the server", () => {
    expect(
      dataBlocked("active")([login, port, line("200 PORT command successful"), data("no-answer")]),
    ).toBeUndefined();
  });

  test("the server refused to dial another address than the client's", () => {
    expect(dataBlocked("active")([login, port, line("500 Illegal PORT command.")])).toBeUndefined();
  });

  test("the client got an address of the private network", () => {
    const reply = line("227 Entering Passive Mode (10,0,0,20,195,80).");
    expect(dataBlocked("passive")([login, line("PASV", "client"), reply])).toBeUndefined();
  });
});

describe("another reason is", () => {
  test.each<[string, readonly TimelineEvent[], string]>([
    ["a server that is not there", [], "no client had logged in"],
    ["a wrong password", [line("530 Login incorrect."), data("no-answer")], "no client had logged in"],
    ["a client that asks for nothing", [login, line("QUIT", "client")], "no active data connection was asked for"],
    ["the other mode", [login, line("EPSV", "client"), data("no-answer")], "no active data connection was asked for"],
    ["a file that is not there, over a connection", [login, port, data("opened")], "a data connection was opened"],
    ["a client that closed its port", [login, port, data("refused")], "no event on the record"],
  ])("%s", (_, timeline, words) => {
    expect(dataBlocked("active")(timeline)).toContain(words);
  });

  test("either mode counts for a program whose mode is unknown", () => {
    expect(dataBlocked()([login, port, data("no-answer")])).toBeUndefined();
    expect(dataBlocked()([login, line("EPSV", "client"), data("no-answer")])).toBeUndefined();
    expect(dataBlocked()([login])).toContain("no data connection was asked for");
  });
});

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");
/** A list may span several lines. */
const listIn = (text: string, name: string) =>
  new RegExp(`^${name}="([^"]*)"$`, "m").exec(text)?.[1]?.split(/\s+/) ?? [];
const sorted = (names: Iterable<string>) => [...names].sort();

const script = read("./install.sh");
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
