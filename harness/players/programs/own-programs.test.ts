import { describe, expect, test } from "vitest";
import { ownPrograms } from "./own-programs.ts";

const SERVERS = ["ftp-srv", "vsftpd", "proftpd", "pure-ftpd", "inetutils-ftpd", "pyftpdlib"];
const ids = (clients: readonly string[], servers: readonly string[]) =>
  ownPrograms({ clients, servers, cwd: "/" }).scenarios.map(({ client, name }) => `${client}/${name}`);

describe("programs of the user's own", () => {
  test("a client meets every server that is known, and ftp-srv, which is always there", () => {
    expect(ids(["./mine {host}"], [])).toEqual(SERVERS.map((server) => `mine/${server}`));
  });

  test("a server meets every known client, active and passive", () => {
    const met = ids([], ["mine: ./mine -r {dir}"]);
    expect(met).toContain("curl/mine-passive");
    expect(met).toContain("wget/mine-active");
    expect(met).toHaveLength(14);
  });

  test("each other, where both are given; a known name alone is that program", () => {
    expect(ids(["./a {url}", "curl"], ["./b", "vsftpd"])).toEqual([
      "a/b",
      "a/vsftpd",
      "curl/b-passive",
      "curl/b-active",
      "curl/vsftpd-passive",
      "curl/vsftpd-active",
    ]);
  });

  test("those of one name are told apart, and each can be made again alone", () => {
    const twice = ownPrograms({ clients: ["./mine {host}", "./mine -P {host}"], servers: ["vsftpd"], cwd: "/" });
    expect(twice.scenarios.map(({ client }) => client)).toEqual(["mine", "mine-2"]);
    expect(twice.scenarios[1]?.options).toBe("--client 'mine-2: ./mine -P {host}' --server vsftpd");
    expect(ids(["mine-2: ./mine -P {host}"], ["vsftpd"])).toEqual(["mine-2/vsftpd"]);
    expect(ids(["curl"], ["vsftpd", "vsftpd own.conf"])).toContain("curl/vsftpd-2-active");
  });

  test.each([
    ["./mine", /"\.\/mine" is none of curl, .*lacks \{host\} or \{url\}/],
    ["crul", /"crul" is none of curl/],
    ["./mine {host} {file}", /without \{download\}/],
    ["./mine {host} {stored}", /\{upload\} is the file/],
  ])("%s is refused: it would tell nothing", (text, words) => {
    expect(() => ids([text], [])).toThrow(words);
  });

  test("not from a folder that the lab's hosts have for themselves", () => {
    expect(() => ownPrograms({ clients: ["./mine {host}"], servers: [], cwd: "/mnt/c/mine" })).toThrow(
      "another folder",
    );
  });
});
