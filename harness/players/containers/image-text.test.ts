import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { quoted } from "../programs/command-line.ts";
import { filledIn, imageName, parseImage } from "./image-text.ts";

describe("an image of --client and --server", () => {
  test("has options before its command, as docker run has them", () => {
    expect(parseImage("image:me/ftpd:2 -e A={user} --cap-add SYS_NICE -e B='x y' vsftpd -e /etc/a.conf")).toEqual({
      reference: "me/ftpd:2",
      environment: { A: "{user}", B: "x y" },
      capabilities: ["SYS_NICE"],
      command: ["vsftpd", "-e", "/etc/a.conf"],
    });
  });

  test("-- ends the options: the entry point may have one of that name", () => {
    expect(parseImage("image:lftp -- -e 'open {url}'").command).toEqual(["-e", "open {url}"]);
  });

  test("no file name takes the place of a word, and quoted words stay whole", () => {
    const word = fc.string({ minLength: 1 }).filter((text) => !text.includes("\0"));
    fc.assert(
      fc.property(fc.array(word, { maxLength: 5 }), (words) => {
        expect(parseImage(["image:a", "--", ...words.map(quoted)].join(" ")).command).toEqual(words);
      }),
      { numRuns: 30 },
    );
    expect(parseImage("image:a ls *").command).toEqual(["ls", "*"]);
  });

  test("words in braces are filled in, in variables and command", () => {
    const filled = filledIn(parseImage("image:a -e U={user} get {url}/{file}"), {
      user: "u",
      url: "ftp://x",
      file: "f",
    });
    expect([filled.environment, filled.command]).toEqual([{ U: "u" }, ["get", "ftp://x/f"]]);
  });

  test.each([
    ["image:", /names no image/],
    ["image:a -e FTP_USER", /-e takes NAME=VALUE, as in -e FTP_USER=\{user\}, not "FTP_USER"/],
    ["image:a 'open", /cannot be split into words/],
  ])("%s is refused", (text, words) => {
    expect(() => parseImage(text)).toThrow(words);
  });

  test.each([
    ["fauria/vsftpd:latest", "fauria-vsftpd"],
    ["vsftpd:fluentftp", "vsftpd-fluentftp"],
    ["registry.example:5000/me/ftpd@sha256:0123", "registry.example-5000-me-ftpd"],
  ])("%s is %s in results, whose ids have slashes of their own", (reference, name) => {
    expect(imageName(reference)).toBe(name);
  });
});
