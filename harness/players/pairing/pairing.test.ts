import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import {
  asTyped,
  CLIENT_WORDS,
  fillIn,
  parseCommandLine,
  quoted,
  SERVER_WORDS,
  wordsIn,
} from "../programs/command-line.ts";
import { clientCandidates, type Sources, serverCandidates } from "./candidates.ts";
import { DEFAULT_CLIENTS, DEFAULT_SERVERS } from "./names.ts";
import { pairsOf } from "./pairs.ts";

const client = (text: string) => parseCommandLine("client", text, CLIENT_WORDS);

describe("a command line", () => {
  test.each([
    ["mine/1.4-rc2: ./mine {host}", { name: "mine", version: "1.4-rc2", command: "./mine {host}", program: "./mine" }],
    ["mine: ./mine {host}", { name: "mine", command: "./mine {host}", program: "./mine" }],
    ["/opt/ftp/bin/mine {host}", { name: "mine", command: "/opt/ftp/bin/mine {host}", program: "/opt/ftp/bin/mine" }],
    ["LANG=C DEBUG=1 mine {host}", { name: "mine", command: "LANG=C DEBUG=1 mine {host}", program: "mine" }],
    ['"$HOME/my ftp" {host}', { name: "client", command: '"$HOME/my ftp" {host}' }],
    ["curl -o x ftp://{host}/y", { name: "curl", command: "curl -o x ftp://{host}/y", program: "curl" }],
  ])("%s", (text, parts) => {
    expect(client(text)).toEqual(parts);
  });

  test("is read back from the form in which a report repeats it", () => {
    const one = client("mine/1.4: ./mine -n 'a b' {host}");
    expect(client(asTyped(one))).toEqual(one);
    expect(client(asTyped(client("./mine {host}"))).command).toBe("./mine {host}");
  });

  test("an unknown word in braces is refused, with a list of the known ones", () => {
    expect(() => client("./mine {hots}")).toThrow(/\{hots\} is unknown; there are \{host\} \{port\} .*\{\{hots\}\} is/);
    expect(() => parseCommandLine("server", "./mine {download}", SERVER_WORDS)).toThrow(/\{dir\}/);
    expect(() => client("  ")).toThrow("the command is empty");
  });

  test("words are filled in; the shell's braces and doubled ones stay", () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's
    const command = "echo ${HOME} {host} '{{print}}' { } {host}:{port}";
    expect([...wordsIn(command)]).toEqual(["host", "port"]);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's
    expect(fillIn(command, { host: "10.0.0.5", port: "21" })).toBe("echo ${HOME} 10.0.0.5 '{print}' { } 10.0.0.5:21");
  });

  test("quoted, sh(1) reads it as one word", () => {
    const text = `mine: ./mine 'a b' "$HOME" \\ {host}`;
    expect(execFileSync("sh", ["-c", `printf %s ${quoted(text)}`]).toString()).toBe(text);
  });
});

/** Known players need no files; quirks and modules are read by the catalogue (harness/run/quirks.ts). */
const sources: Sources = {
  cwd: "/",
  quirks: async () => [],
  adapter: async () => Promise.reject(new Error("no module")),
};

async function pairs(clients?: readonly string[], servers?: readonly string[]) {
  const asked = { clients: clients !== undefined, servers: servers !== undefined };
  return pairsOf(
    await clientCandidates(clients ?? DEFAULT_CLIENTS, sources),
    await serverCandidates(servers ?? DEFAULT_SERVERS, sources),
    asked,
  );
}
const ids = async (clients?: readonly string[], servers?: readonly string[]) =>
  (await pairs(clients, servers)).map(({ client, name }) => `${client}/${name}`);

describe("players of the user's choice", () => {
  test("a client meets every server that is known, and ftp-srv, which is always there", async () => {
    expect(await ids(["./mine {host}"])).toEqual(DEFAULT_SERVERS.map((server) => `mine/${server}`));
  });

  test("a server meets every known client, active and passive", async () => {
    const met = await ids(undefined, ["mine: ./mine -r {dir}"]);
    expect(met).toContain("curl/mine-passive");
    expect(met).toContain("wget/mine-active");
    expect(met).toHaveLength(14);
  });

  test("clients meet servers, where both are given; a known name alone is that program", async () => {
    expect(await ids(["./a {url}", "curl"], ["./b", "vsftpd"])).toEqual([
      "a/b",
      "a/vsftpd",
      "curl/b-passive",
      "curl/b-active",
      "curl/vsftpd-passive",
      "curl/vsftpd-active",
    ]);
  });

  test("a client that knows one mode meets a server in that mode alone", async () => {
    const [pair] = await pairs(["basic-ftp"], ["plain"]);
    expect(pair?.scenario.modes).toEqual(["passive"]);
  });

  test("two of one name get different names, and each can be repeated alone", async () => {
    const twice = await pairs(["./mine {host}", "./mine -P {host}"], ["vsftpd"]);
    expect(twice.map(({ client }) => client)).toEqual(["mine", "mine-2"]);
    expect(twice[1]?.options).toBe("--client 'mine-2: ./mine -P {host}' --server vsftpd");
    expect(await ids(["mine-2: ./mine -P {host}"], ["vsftpd"])).toEqual(["mine-2/vsftpd"]);
    expect(await ids(["curl"], ["vsftpd", "vsftpd own.conf"])).toContain("curl/vsftpd-2-active");
  });

  test.each([
    ["./mine", /"\.\/mine" is not one of quirk:NAME, .*curl, .*add \{host\} or \{url\}/],
    ["crul", /"crul" is not one of quirk:NAME/],
    ["./mine {host} {file}", /add \{download\}/],
    ["./mine {host} {stored}", /add \{upload\}/],
    ["./no-such-module.mjs", /there is no module \/no-such-module\.mjs/],
  ])("%s is refused: its result would mean nothing", async (text, words) => {
    await expect(ids([text], [])).rejects.toThrow(words);
  });

  test("a folder where the lab's hosts mount their files is refused", async () => {
    const there = { ...sources, cwd: "/mnt/c/mine" };
    await expect(clientCandidates(["./mine {host}"], there)).rejects.toThrow("another folder");
  });
});
