import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { asTyped, CLIENT_WORDS, fillIn, parseCommandLine, quoted, SERVER_WORDS, wordsIn } from "./command-line.ts";

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

  test("reads the same again as it is told to be repeated", () => {
    const one = client("mine/1.4: ./mine -n 'a b' {host}");
    expect(client(asTyped(one))).toEqual(one);
    expect(client(asTyped(client("./mine {host}"))).command).toBe("./mine {host}");
  });

  test("a word in braces that nobody knows is refused, with those that there are", () => {
    expect(() => client("./mine {hots}")).toThrow(/\{hots\} stands for; there are \{host\} \{port\} .*\{\{hots\}\} is/);
    expect(() => parseCommandLine("server", "./mine {download}", SERVER_WORDS)).toThrow(/\{dir\}/);
    expect(() => client("  ")).toThrow("the command is empty");
  });

  test("words are filled in; the shell's braces and doubled ones are left", () => {
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
