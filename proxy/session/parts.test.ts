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
import { LineAssembler, maxLineLength } from "./line-assembler.ts";
import { toBytes, toText } from "./octets.ts";
import { rewriteEprt, rewriteEpsvReply, rewritePasvReply, rewritePort } from "./rewrite.ts";
import { type DataPath, renderRuleset } from "./ruleset.ts";

/** Everything that comes out for these segments; "unclean" ends it. */
function assemble(segments: readonly Uint8Array[]): string[] {
  const assembler = new LineAssembler();
  const out: string[] = [];
  for (const segment of segments) {
    assembler.push(segment);
    for (let next = assembler.next(); next.kind !== "incomplete"; next = assembler.next()) {
      if (next.kind === "unclean") return [...out, "unclean"];
      out.push(toText(next.bytes));
    }
  }
  return out;
}

function cut(bytes: Uint8Array, at: readonly number[]): Uint8Array[] {
  const places = [...new Set([0, ...at.map((place) => place % (bytes.length + 1)), bytes.length])].sort(
    (a, b) => a - b,
  );
  return places.slice(1).map((place, index) => bytes.slice(places[index], place));
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
    expect(assemble([toBytes(text)])).toEqual(lines);
  });

  it("gives the same for every segmentation", () => {
    const byte = fc.oneof(fc.constantFrom(0x0a, 0x0d, 0x41), fc.integer({ min: 1, max: 255 }), fc.constant(0));
    const stream = fc.array(byte, { maxLength: 3 * maxLineLength }).map((bytes) => Uint8Array.from(bytes));
    fc.assert(
      fc.property(stream, fc.array(fc.nat(3 * maxLineLength), { maxLength: 20 }), (bytes, places) => {
        expect(assemble(cut(bytes, places))).toEqual(assemble([bytes]));
      }),
    );
  });

  it("does not keep a whole segment alive for a fragment", () => {
    const assembler = new LineAssembler();
    assembler.push(toBytes(`${"line\r\n".repeat(100)}frag`));
    while (assembler.next().kind === "line");
    expect(assembler.pending).toBe(4);
    expect(assembler.takeRest().buffer.byteLength).toBe(4);
  });
});

describe("PORT", () => {
  it.each([
    ["PORT 10,0,0,2,200,16\r\n", 51_216],
    ["PORT  10,0,0,2,200,16\r\n", 51_216],
    ["PORT \t10,0,0,2,200,16\r\n", 51_216],
    ["PORT 010,+0,0,2,200,0016\r\n", 51_216],
    ["PORT 10,0,0,2,200,16,99 tail", undefined],
    ["PORT 10,0,0,2,200,16;tail\r\n", 51_216],
    ["PORT 10,0,0,2,200,16 \r\n", undefined],
    ["PORT 10, 0, 0, 2, 200, 16\r\n", undefined],
    ["PORT 10,0,0,2,300,1\r\n", undefined],
    ["PORT 10,0,0,2,-1,1\r\n", undefined],
    ["PORT 10,0,0,2,4\r\n", undefined],
    ["PORT (10,0,0,2,200,16)\r\n", undefined],
    ["PORT \r\n", undefined],
    // quirks-seen no. 9: 2^32 + 4 wraps to 4, 2^64 + 4 saturates.
    ["PORT 10,0,0,2,4294967300,1\r\n", 1025],
    ["PORT 10,0,0,2,18446744073709551620,1\r\n", undefined],
    ["PORT 10,0,0,2,-18446744073709551612,1\r\n", 1025],
  ])("%j names %s", (line, port) => {
    expect(parsePort(line)?.port).toBe(port);
  });
});

describe("EPRT", () => {
  it.each([
    ["EPRT |1|10.0.0.2|51216|\r\n", "10.0.0.2", 51_216],
    ["EPRT |1|10.0.0.2|51216\r\n", "10.0.0.2", 51_216],
    ["EPRT |2|2001:DB8::5|51216|\r\n", "2001:DB8::5", 51_216],
    ["EPRT |2|::ffff:10.0.0.2|51216|\r\n", undefined, undefined],
    ["EPRT |2|fe80::1%em0|51216|\r\n", undefined, undefined],
    ["EPRT |1|10.0.0.2|99999|\r\n", undefined, undefined],
    ["EPRT !1!10.0.0.2!51216!\r\n", undefined, undefined],
    ["EPRT |1|10.0.0.256|51216|\r\n", undefined, undefined],
  ])("%j names %s port %s", (line, address, port) => {
    expect([parseEprt(line)?.address, parseEprt(line)?.port]).toEqual([address, port]);
  });
});

describe("227 and 229", () => {
  it.each([
    ["227 Entering Passive Mode (198,51,100,9,195,80)\r\n", 50_000],
    ["227 Entering Passive Mode (198,51,100,9,195,80).\r\n", 50_000],
    ["227 Entering Passive Mode (198,51,100,9,195,80\r\n", 50_000],
    ["227 Entering Passive Mode (198,51,100,9,195,80) ok\r\n", undefined],
    ["227 Entering Passive Mode (198, 51, 100, 9, 195, 80)\r\n", undefined],
    ["227 Entering Passive Mode 198,51,100,9,195,80\r\n", undefined],
    ["227 =198,51,100,9,195,80\r\n", undefined],
    ["227 Entering Passive Mode (198,51,100,9,256,80)\r\n", undefined],
  ])("%j names %s", (line, port) => {
    expect(parsePasvReply(line)?.port).toBe(port);
  });

  it.each([
    ["229 Entering Extended Passive Mode (|||50000|)\r\n", 50_000],
    ["229 x (|||50000\r\n", 50_000],
    ["229 x (!!!50000!)\r\n", undefined],
    ["229 x (|1|198.51.100.9|50000|)\r\n", undefined],
    ["229 x (|||71121|)\r\n", undefined],
    ["229 x |||50000|\r\n", undefined],
  ])("%j names %s", (line, port) => {
    expect(parseEpsvReply(line)?.port).toBe(port);
  });

  it("are read in other forms with --lenient-replies", () => {
    expect(parsePasvReplyLeniently("227 =198,51,100,9,195,80\r\n")?.port).toBe(50_000);
    expect(parsePasvReplyLeniently("227 (198, 51, 100, 9, 195, 80) ok\r\n")?.port).toBe(50_000);
    expect(parsePasvReplyLeniently("227 (198,51,100,9,256,80)\r\n")).toBeUndefined();
    expect(parseEpsvReplyLeniently("229 Extended (!!!50000!) ok\r\n")?.port).toBe(50_000);
    expect(parseEpsvReplyLeniently("229 (|1|198.51.100.9|50000|)\r\n")?.port).toBe(50_000);
    expect(parseEpsvReplyLeniently("229 none\r\n")).toBeUndefined();
  });
});

const port = fc.integer({ min: 1024, max: 65_535 });

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
    const address = "2001:db8::5";
    fc.assert(
      fc.property(port, (named) => {
        expect(parseEprt(rewriteEprt(address, named))).toEqual({ address, port: named });
      }),
    );
  });

  it("never throws on anything", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 500 }), (text) => {
        for (const parse of [parsePort, parseEprt, parsePasvReply, parseEpsvReply]) parse(`227 ${text}`);
        for (const parse of [parsePasvReplyLeniently, parseEpsvReplyLeniently]) parse(`227 ${text}`);
      }),
    );
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
  it("are two on OpenBSD, passive", () => {
    expect(renderRuleset(passive, { era: "divert-to" })).toBe(
      "pass in quick on rdomain 0 inet proto tcp from 10.0.0.5 to 198.51.100.7 port = 49999 flags S/SA keep state (max 1) rtable 0 rdr-to 198.51.100.7 port 50555\n" +
        "pass out quick on rdomain 0 inet proto tcp from 10.0.0.5 to 198.51.100.7 port = 50555 flags S/SA keep state (max 1) nat-to 203.0.113.9\n",
    );
  });

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
