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
import { rewriteEprt, rewriteEpsvReply, rewritePasvReply, rewritePort } from "./rewrite.ts";

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
