import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  parseEprt,
  parseEpsvReply,
  parseEpsvReplyLeniently,
  parsePasvReply,
  parsePasvReplyLeniently,
  parsePort,
} from "./host-port.ts";
import { LineAssembler } from "./line-assembler.ts";
import { toBytes, toText } from "./octets.ts";
import { rewriteEprt, rewriteEpsvReply, rewritePasvReply, rewritePort } from "./rewrite.ts";
import { type DataPath, renderRuleset } from "./ruleset.ts";

/** Every line that comes out for this text; "unclean" ends it. */
function assemble(text: string): string[] {
  const assembler = new LineAssembler();
  const out: string[] = [];
  assembler.push(toBytes(text));
  for (let next = assembler.next(); next.kind !== "incomplete"; next = assembler.next()) {
    if (next.kind === "unclean") return [...out, "unclean"];
    out.push(toText(next.bytes));
  }
  return out;
}

describe("the line assembler", () => {
  it.each([
    ["takes CR as content and LF as the end", "a\rb\r\nc\n", ["a\rb\r\n", "c\n"]],
    ["keeps bytes above 0x7f", "\xff\xf4ABOR\r\n", ["\xff\xf4ABOR\r\n"]],
    ["takes 500 bytes with their LF", `${"x".repeat(499)}\n`, [`${"x".repeat(499)}\n`]],
    ["refuses 501", `${"x".repeat(500)}\n`, ["unclean"]],
    ["refuses 500 without an end at once", "x".repeat(500), ["unclean"]],
    ["waits at 499", "x".repeat(499), []],
    ["refuses NUL before any LF, without waiting for it", "ab\0", ["unclean"]],
    ["gives the lines before a NUL", "NOOP\r\nab\0c\r\n", ["NOOP\r\n", "unclean"]],
  ])("%s", (_, text, lines) => {
    expect(assemble(text)).toEqual(lines);
  });

  it("does not keep a whole segment alive for a fragment", () => {
    const assembler = new LineAssembler();
    assembler.push(toBytes(`${"line\r\n".repeat(100)}frag`));
    while (assembler.next().kind === "line");
    expect(assembler.pending).toBe(4);
    expect(assembler.takeRest().buffer.byteLength).toBe(4);
  });
});

/** How a line is read, by its first word; `lenient` is `--lenient-replies`. */
const readers: Readonly<
  Record<string, (line: string) => { readonly address?: string; readonly port: number } | undefined>
> = {
  PORT: parsePort,
  EPRT: parseEprt,
  "227": parsePasvReply,
  "229": parseEpsvReply,
  "lenient 227": parsePasvReplyLeniently,
  "lenient 229": parseEpsvReplyLeniently,
};

describe("a line that names a port", () => {
  it.each([
    ["PORT", " 10,0,0,2,200,16", 51_216],
    ["PORT", "  10,0,0,2,200,16", 51_216],
    ["PORT", " \t10,0,0,2,200,16", 51_216],
    ["PORT", " 010,+0,0,2,200,0016", 51_216],
    ["PORT", " 10,0,0,2,200,16,99 tail", undefined],
    ["PORT", " 10,0,0,2,200,16;tail", 51_216],
    ["PORT", " 10,0,0,2,200,16 ", undefined],
    ["PORT", " 10, 0, 0, 2, 200, 16", undefined],
    ["PORT", " 10,0,0,2,300,1", undefined],
    ["PORT", " 10,0,0,2,-1,1", undefined],
    ["PORT", " 10,0,0,2,4", undefined],
    ["PORT", " (10,0,0,2,200,16)", undefined],
    ["PORT", " ", undefined],
    // quirks-seen no. 9: 2^32 + 4 wraps to 4, 2^64 + 4 saturates.
    ["PORT", " 10,0,0,2,4294967300,1", 1025],
    ["PORT", " 10,0,0,2,18446744073709551620,1", undefined],
    ["PORT", " 10,0,0,2,-18446744073709551612,1", 1025],
    ["EPRT", " |1|10.0.0.2|51216|", 51_216, "10.0.0.2"],
    ["EPRT", " |1|10.0.0.2|51216", 51_216, "10.0.0.2"],
    ["EPRT", " |2|2001:DB8::5|51216|", 51_216, "2001:DB8::5"],
    ["EPRT", " |2|::ffff:10.0.0.2|51216|", undefined],
    ["EPRT", " |2|fe80::1%em0|51216|", undefined],
    ["EPRT", " |1|10.0.0.2|99999|", undefined],
    ["EPRT", " !1!10.0.0.2!51216!", undefined],
    ["EPRT", " |1|10.0.0.256|51216|", undefined],
    ["227", " Entering Passive Mode (198,51,100,9,195,80)", 50_000],
    ["227", " Entering Passive Mode (198,51,100,9,195,80).", 50_000],
    ["227", " Entering Passive Mode (198,51,100,9,195,80", 50_000],
    ["227", " Entering Passive Mode (198,51,100,9,195,80) ok", undefined],
    ["227", " Entering Passive Mode (198, 51, 100, 9, 195, 80)", undefined],
    ["227", " Entering Passive Mode 198,51,100,9,195,80", undefined],
    ["227", " =198,51,100,9,195,80", undefined],
    ["227", " Entering Passive Mode (198,51,100,9,256,80)", undefined],
    ["229", " Entering Extended Passive Mode (|||50000|)", 50_000],
    ["229", " x (|||50000", 50_000],
    ["229", " x (!!!50000!)", undefined],
    ["229", " x (|1|198.51.100.9|50000|)", undefined],
    ["229", " x (|||71121|)", undefined],
    ["229", " x |||50000|", undefined],
    ["lenient 227", " =198,51,100,9,195,80", 50_000],
    ["lenient 227", " (198, 51, 100, 9, 195, 80) ok", 50_000],
    ["lenient 227", " (198,51,100,9,256,80)", undefined],
    ["lenient 229", " Extended (!!!50000!) ok", 50_000],
    ["lenient 229", " (|1|198.51.100.9|50000|)", 50_000],
    ["lenient 229", " none", undefined],
  ] as const)("%s%s: %s", (word, rest, port, address?: string) => {
    const found = readers[word]?.(`${word.replace("lenient ", "")}${rest}\r\n`);
    expect(found?.port).toBe(port);
    if (address !== undefined) expect(found?.address).toBe(address);
  });
});

const port = fc.integer({ min: 1024, max: 65_535 });

it("no parser throws on anything", () => {
  const parsers = [
    parsePort,
    parseEprt,
    parsePasvReply,
    parseEpsvReply,
    parsePasvReplyLeniently,
    parseEpsvReplyLeniently,
  ];
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 500 }), fc.constantFrom("", "227 ", "229 "), (text, code) => {
      for (const parse of parsers) parse(`${code}${text}`);
    }),
  );
});

describe("what the proxy writes, it reads", () => {
  it("over IPv4", () => {
    fc.assert(
      fc.property(fc.ipV4(), port, (address, named) => {
        expect(parsePort(rewritePort(address, named))).toEqual({ address, port: named });
        expect(parseEprt(rewriteEprt(address, named))).toEqual({ address, port: named });
        expect(parsePasvReply(rewritePasvReply(address, named))).toEqual({ address, port: named });
        expect(parseEpsvReply(rewriteEpsvReply(named))).toEqual({ port: named });
      }),
    );
  });

  it("and over IPv6", () => {
    const named = { address: "2001:db8::5", port: 51_216 };
    expect(parseEprt(rewriteEprt(named.address, named.port))).toEqual(named);
  });
});

/** Source: docs/reference/ftp-proxy/rules.md. */
const passive: DataPath = {
  mode: "passive",
  client: "10.0.0.5",
  original: "198.51.100.7",
  server: "198.51.100.7",
  proxy: "203.0.113.9",
  port: 50_555,
  proxyPort: 49_999,
  fromPort20: false,
};
const active: DataPath = { ...passive, mode: "active", port: 40_000 };

describe("the rules of a data connection", () => {
  it("leave from port 20 with -r and PORT", () => {
    expect(renderRuleset({ ...active, fromPort20: true }, { era: "divert-to" }).split("\n")[1]).toBe(
      "pass out quick on rdomain 0 inet proto tcp from 198.51.100.7 to 10.0.0.5 port = 40000 flags S/SA keep state (max 1) nat-to 198.51.100.7 port 20",
    );
  });

  it("go the other way through the routing domains when active", () => {
    const [first, second] = renderRuleset(active, { era: "divert-to", clientRdomain: 3, rtable: 1 }).split("\n");
    expect(first).toMatch(/^pass in quick on rdomain 1 .* rtable 3 rdr-to 10\.0\.0\.5 port 40000$/);
    expect(second).toMatch(/^pass out quick on rdomain 3 /);
  });

  it("know nothing of routing domains in the rdr-to era", () => {
    expect(renderRuleset(passive, { era: "rdr-to" }).split("\n")[0]).toBe(
      "pass in quick inet proto tcp from 10.0.0.5 to 198.51.100.7 port = 49999 flags S/SA keep state (max 1) rdr-to 198.51.100.7 port 50555",
    );
  });

  it("are four before 4.7 and on FreeBSD", () => {
    expect(renderRuleset(passive, { era: "rdr-anchor" })).toBe(
      "rdr inet proto tcp from 10.0.0.5 to 198.51.100.7 port = 49999 -> 198.51.100.7 port 50555\n" +
        "nat inet proto tcp from 10.0.0.5 to 198.51.100.7 port = 50555 -> 203.0.113.9\n" +
        "pass in quick inet proto tcp from 10.0.0.5 to 198.51.100.7 port = 50555 flags S/SA keep state (max 1)\n" +
        "pass out quick inet proto tcp from 203.0.113.9 to 198.51.100.7 port = 50555 flags S/SA keep state (max 1)\n",
    );
  });

  it("match instead of passing with -T, without the state that pfctl refuses there", () => {
    const [first] = renderRuleset(passive, { era: "divert-to", tag: "FTP", log: 2, queue: "q" }).split("\n");
    expect(first).toBe(
      "match in log (all) on rdomain 0 inet proto tcp from 10.0.0.5 to 198.51.100.7 port = 49999 flags S/SA set (queue q) tag FTP rtable 0 rdr-to 198.51.100.7 port 50555",
    );
  });

  it("name a queue without `set` before there was one", () => {
    const [first] = renderRuleset(passive, { era: "rdr-to", queue: "q" }).split("\n");
    expect(first).toBe(
      "pass in quick inet proto tcp from 10.0.0.5 to 198.51.100.7 port = 49999 flags S/SA keep state (max 1) queue q rdr-to 198.51.100.7 port 50555",
    );
  });
});
