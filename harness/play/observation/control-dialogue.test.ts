import { describe, expect, test } from "vitest";
import { ControlDialogue } from "./control-dialogue.ts";

const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

describe("the dialogue of a session with a proxy between", () => {
  test("a line that the proxy sends on unchanged replaces nothing", () => {
    const dialogue = new ControlDialogue(1, true);
    dialogue.add("client", "server", bytes("NOOP\r\n"));
    const [line] = dialogue.add("server", "server", bytes("NOOP\r\n"));
    expect(line?.insteadOf).toBeUndefined();
  });

  test("a line that the proxy writes itself names the line that it replaced", () => {
    const dialogue = new ControlDialogue(1, true);
    dialogue.add("client", "server", bytes("PORT 10,0,0,5,156,64\r\n"));
    const [line] = dialogue.add("server", "server", bytes("PORT 198,51,100,1,200,1\r\n"));
    expect(line?.insteadOf).toBe("PORT 10,0,0,5,156,64\r\n");
  });

  test("a refusal that the proxy writes itself replaces no reply of the server", () => {
    const dialogue = new ControlDialogue(1, true, ["-A"]);
    dialogue.add("server", "client", bytes("220 Ready\r\n"));
    const [refusal] = dialogue.add("client", "client", bytes("500 Only anonymous FTP allowed\r\n"));
    expect(refusal?.insteadOf).toBeUndefined();
    const [banner] = dialogue.add("client", "client", bytes("220 Ready\r\n"));
    expect(banner?.insteadOf).toBeUndefined();
  });

  test("lines are reassembled from segments", () => {
    const dialogue = new ControlDialogue(1, true);
    expect(dialogue.add("client", "server", bytes("PA"))).toEqual([]);
    const lines = dialogue.add("client", "server", bytes("SV\r\nNOOP\r\n"));
    expect(lines.map((line) => line.text)).toEqual(["PASV\r\n", "NOOP\r\n"]);
  });

  test("TLS records are not lines", () => {
    const dialogue = new ControlDialogue(1, true);
    const [chunk] = dialogue.add("client", "server", bytes("\x16\x03\x01\x00\x05hello"));
    expect(chunk?.opaque).toBe(true);
  });

  test("a command after CCC is a line again", () => {
    const dialogue = new ControlDialogue(1, false);
    dialogue.add("client", "server", bytes("\x17\x03\x03\x00\x05hello"));
    const [command] = dialogue.add("client", "server", bytes("PASV\r\n"));
    expect(command?.opaque).toBe(false);
  });

  test("TLS records right after a line are not lines either, even with bytes that look like an end of line", () => {
    const dialogue = new ControlDialogue(1, true);
    const hello = "\x16\x03\x01\x02\x0a\x01\x00\x02\x06\x03\x03ran\ndom";
    const crossed = dialogue.add("client", "server", bytes(`AUTH TLS\r\n${hello}`));
    expect(crossed.map(({ text, opaque }) => [text, opaque])).toEqual([
      ["AUTH TLS\r\n", false],
      [hello, true],
    ]);
  });

  test("a line that only begins like a TLS record is a line, as are those after it", () => {
    const dialogue = new ControlDialogue(1, true);
    const crossed = dialogue.add("client", "server", bytes("\x16\x03\x01 what?\r\nPASV\r\n"));
    expect(crossed.map(({ text, opaque }) => [text, opaque])).toEqual([
      ["\x16\x03\x01 what?\r\n", false],
      ["PASV\r\n", false],
    ]);
  });

  test("TLS records that a proxy sends on in other pieces replace nothing; other bytes do", () => {
    const dialogue = new ControlDialogue(1, true);
    dialogue.add("client", "server", bytes("\x17\x03\x03\x00\x05hello"));
    dialogue.add("client", "server", bytes("\x17\x03\x03\x00\x05world"));
    const [whole] = dialogue.add("server", "server", bytes("\x17\x03\x03\x00\x05hello\x17\x03\x03\x00"));
    const [rest] = dialogue.add("server", "server", bytes("\x05world"));
    expect([whole?.insteadOf, rest?.insteadOf]).toEqual([undefined, undefined]);
    dialogue.add("client", "server", bytes("more"));
    const [other] = dialogue.add("server", "server", bytes("less"));
    expect(other?.insteadOf).toBe("more");
  });

  test("an urgent byte is on the wire but not in the line that a proxy reads", () => {
    const dialogue = new ControlDialogue(1, true);
    const [sent] = dialogue.add("client", "server", bytes("\xff\xf4\xff\xf2ABOR\r\n"), [2]);
    expect(sent?.text).toBe("\xff\xf4\xff\xf2ABOR\r\n");
    expect(sent?.inline).toBe("\xff\xf4\xf2ABOR\r\n");
    const [passed] = dialogue.add("server", "server", bytes("\xff\xf4\xf2ABOR\r\n"));
    expect(passed?.insteadOf).toBeUndefined();
  });
});
