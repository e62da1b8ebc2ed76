import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Packet } from "../../pf/packet.ts";
import type { Drop } from "./facts.ts";
import { addressIn } from "./negotiations.ts";
import { serviceOf } from "./service.ts";
import { CLIENT, download, FIREWALL, factsWith, LOGGED_IN, SERVER, sessionOf, wire } from "./session.fixture.ts";

const PASSIVE = "S 227 Entering Passive Mode (198,51,100,7,195,80)";
const FETCH = ["C RETR file", "S 150 Here it comes", "S 226 Done"];
const PORT_50000 = 50_000;

const synTo = (address: string, port: number): Packet => ({
  ...{ family: "inet", source: CLIENT, destination: address, ttl: 64, tos: 0, protocol: 6 },
  ...{ sourcePort: 40_000, destinationPort: port, flags: 2, seq: 1, ack: 0, window: 65_535, payload: new Uint8Array() },
});

const dropped = (packet: Packet, rest: Partial<Drop> = {}): Drop => ({
  ...{ atMs: 10, packet, isSyn: true, reason: "match", stuck: false },
  rule: { path: "pf.conf", text: "block drop log all", line: 12 },
  ...rest,
});

describe("errands", () => {
  test("a file that arrived whole and was confirmed is fetched", () => {
    const session = sessionOf({ lines: [...LOGGED_IN, "C PASV", PASSIVE, ...FETCH] });
    const service = serviceOf(factsWith(session, { data: [download(PORT_50000, 8)] }));
    expect(service).toMatchObject({ verdict: "works", reason: "log in, fetch file (1000 bytes)" });
    expect(service.errands).toEqual([
      { what: "log in", verdict: "done" },
      { what: "fetch", name: "file", verdict: "done", negotiation: ["PASV"], bytes: 1_000, of: 1_000 },
    ]);
  });

  test("a 226 without its bytes is no fetched file", () => {
    const session = sessionOf({ lines: [...LOGGED_IN, "C PASV", PASSIVE, ...FETCH] });
    const short = download(PORT_50000, 8, { intact: false });
    const far = { ...short.near, toOpener: 46_890 };
    const service = serviceOf(factsWith(session, { data: [{ ...short, far }] }));
    expect(service).toMatchObject({ verdict: "fails", notice: "data incomplete: 1000 of 46890 bytes" });
  });

  test("EPSV refused, PASV taken: the errand is done after a detour", () => {
    const session = sessionOf({ lines: [...LOGGED_IN, "C EPSV", "S 500 What?", "C PASV", PASSIVE, ...FETCH] });
    const service = serviceOf(factsWith(session, { data: [download(PORT_50000, 10)] }));
    expect(service).toMatchObject({
      verdict: "detour",
      reason: "EPSV was refused (500 What?), PASV took its place",
      errands: [{}, { verdict: "detour", negotiation: ["EPSV", "PASV"] }],
    });
  });

  test("a transfer that the client aborts is done, since that is its wish", () => {
    const aborted = ["C RETR file", "S 150 Here it comes", "C ABOR", "S 426 Aborted", "S 226 Abort successful"];
    const session = sessionOf({ lines: [...LOGGED_IN, "C PASV", PASSIVE, ...aborted] });
    const service = serviceOf(factsWith(session, { data: [download(PORT_50000, 8, { intact: false })] }));
    expect(service).toMatchObject({ verdict: "works", errands: [{}, { notice: "ended by the client's ABOR" }] });
  });

  test("a dialogue without a transfer is talk", () => {
    const session = sessionOf({ lines: [...LOGGED_IN, "C PWD", 'S 257 "/"', "C QUIT", "S 221 Goodbye"] });
    expect(serviceOf(factsWith(session)).errands.map(({ what }) => what)).toEqual(["log in", "talk"]);
  });

  test("a reply in several lines counts once, with the address in its last line", () => {
    const lines = ["C PASV", "S 227-listen socket created", PASSIVE, ...FETCH];
    const service = serviceOf(
      factsWith(sessionOf({ lines: [...LOGGED_IN, ...lines] }), { data: [download(PORT_50000, 9)] }),
    );
    expect(service.verdict).toBe("works");
  });

  test("a client that knows its errands has the last word on them, the wires add the negotiation", () => {
    const session = sessionOf({ lines: [...LOGGED_IN, "C PASV", PASSIVE, ...FETCH] });
    const notice = "curl: (56) file is not what it should be";
    const service = serviceOf(factsWith(session, { data: [download(PORT_50000, 8)] }), [
      { what: "fetch", name: "/file", verdict: "failed", notice },
    ]);
    expect(service).toMatchObject({ verdict: "fails", by: "client", notice, errands: [{ negotiation: ["PASV"] }] });
  });

  test("a store that its client believes in has failed if its bytes did not arrive", () => {
    const lines = ["C PASV", PASSIVE, "C STOR copy", "S 150 Send it", "S 226 Done"];
    const session = sessionOf({ lines: [...LOGGED_IN, ...lines] });
    const service = serviceOf(factsWith(session, { data: [download(PORT_50000, 8, { intact: false })] }), [
      { what: "store", name: "copy", verdict: "done" },
    ]);
    expect(service.errands).toMatchObject([{ what: "store", verdict: "failed" }]);
  });
});

describe("blame", () => {
  test("the proxy that keeps the server's 227 and hangs up", () => {
    const session = sessionOf({
      lines: [...LOGGED_IN, "C PASV", "S> 227 Entering passive mode. 198,51,100,7,195,80"],
      clientEnds: [{ by: "proxy", how: "finished", atMs: 8 }],
      serverEnds: [{ by: "proxy", how: "finished", atMs: 8 }],
    });
    const log = [{ atMs: 7, level: 2, text: "#1 bad port in '227 Entering passive mode. 198,51,100,7,195,80\\r\\n'" }];
    expect(serviceOf(factsWith(session, { log }))).toMatchObject({
      verdict: "fails",
      by: "proxy",
      where: "the 227",
      line: "227 Entering passive mode. 198,51,100,7,195,80",
      notice: "connection closed",
      reason: expect.stringContaining("its log: #1 bad port in '227"),
    });
  });

  test("the server that hangs up first, though the proxy follows at the same moment", () => {
    const session = sessionOf({
      lines: [...LOGGED_IN, "C PASV", PASSIVE, "C RETR file"],
      clientEnds: [{ by: "proxy", how: "finished", atMs: 9 }],
      serverEnds: [{ by: "server", how: "finished", atMs: 9 }],
    });
    expect(serviceOf(factsWith(session))).toMatchObject({
      by: "server",
      where: "RETR",
      reason: "the server hung up without an answer to RETR file",
    });
  });

  test("the rule that drops the data connection's SYN, and the time that the user waits", () => {
    const session = sessionOf({ lines: [...LOGGED_IN, "C PASV", PASSIVE, "C RETR file"], proxied: false });
    const { near } = download(PORT_50000, 9);
    const data = [{ opener: "client" as const, near: { ...near, state: "opening" as const }, intact: false }];
    const facts = factsWith(session, { data, drops: [dropped(synTo(SERVER, PORT_50000))] });
    expect(serviceOf(facts)).toMatchObject({
      by: "firewall",
      where: "data connection",
      notice: "hangs for 30 s",
      rule: { path: "pf.conf", text: "block drop log all", line: 12 },
      reason: "pf.conf line 12 (block drop log all) dropped the client's data connection to 198.51.100.7 port 50000",
    });
  });

  test("translation, where PORT names the address that NAT hides", () => {
    const lines = ["C PORT 10,0,0,5,156,64", "S 200 Fine", "C RETR file", "S 150 Here it comes"];
    const session = sessionOf({ lines: [...LOGGED_IN, ...lines], proxied: false });
    expect(serviceOf(factsWith(session, { stoppedAt: "server dials data" }))).toMatchObject({
      by: "translation",
      where: "PORT",
      line: "PORT 10,0,0,5,156,64",
      reason: expect.stringContaining("PORT names 10.0.0.5, but the server has the client at 198.51.100.1"),
    });
  });

  test.each([
    ["501 Where is that?", "translation"],
    ["500 Illegal PORT command.", "translation"],
    ["502 No such command", "server"],
  ])("a PORT behind NAT that is refused with %s: %s", (reply, by) => {
    const session = sessionOf({ lines: [...LOGGED_IN, "C PORT 10,0,0,5,156,64", `S ${reply}`], proxied: false });
    expect(serviceOf(factsWith(session))).toMatchObject({ by, where: "PORT", notice: reply });
  });

  test("a refusal in the proxy's own words is the proxy's", () => {
    const lines = ["S 220 Ready", "C> USER root", "P 500 Only anonymous FTP allowed"];
    expect(serviceOf(factsWith(sessionOf({ lines })))).toMatchObject({
      by: "proxy",
      where: "the login",
      notice: "500 Only anonymous FTP allowed",
    });
  });

  test("the server, when it falls silent", () => {
    const session = sessionOf({ lines: [...LOGGED_IN, "C NOOP"] });
    expect(serviceOf(factsWith(session, { stoppedAt: "client gets a 200 reply" }))).toMatchObject({
      by: "server",
      where: "NOOP",
      notice: "hangs for 30 s",
      reason: "the server did not answer NOOP",
    });
  });

  test("the host that refuses the data connection", () => {
    const session = sessionOf({ lines: [...LOGGED_IN, "C PASV", PASSIVE, "C RETR file", "S 425 Nobody came"] });
    const refused = {
      ...wire(CLIENT, SERVER),
      target: { address: SERVER, port: PORT_50000 },
      state: "refused" as const,
    };
    const data = [{ opener: "client" as const, near: { ...refused, openedMs: 8 }, far: refused, intact: true }];
    expect(serviceOf(factsWith(session, { data }))).toMatchObject({
      by: "server",
      where: "data connection",
      notice: "425 Nobody came",
    });
  });

  test("a connection that the proxy makes in vain is seen by the client as a hang-up", () => {
    const session = {
      ...sessionOf({ lines: [], clientEnds: [{ by: "proxy", how: "finished", atMs: 30 }] }),
      server: wire(FIREWALL, SERVER, { state: "refused", toTarget: 0, toOpener: 0 }),
    };
    expect(serviceOf(factsWith(session))).toMatchObject({
      by: "server",
      where: "control connection",
      notice: "connection closed",
      reason: "the server refused the proxy's connection to 198.51.100.7 port 21",
    });
  });

  test("no cell without a reason: whatever lines cross, a failure says where, and each verdict says why", () => {
    const line = fc.constantFrom(
      ...["S 220 Ready", "C USER a", "S 331 ?", "C PASS b", "S 230 In", "S 530 No", "C PASV", PASSIVE, "S> 227 x"],
      ...["C PORT 10,0,0,5,1,1", "S 200 Fine", "C RETR f", "S 150 Here", "S 226 Done", "S 550 No", "C ABOR", "C QUIT"],
      ...["S 221 Bye", "C> NOOP", "P 421 Enough", "S garbage", "S 211-Several", "S 211 End"],
    );
    const end = fc.record({
      by: fc.constantFrom("client" as const, "proxy" as const),
      how: fc.constantFrom("finished" as const, "reset" as const),
      atMs: fc.nat(40),
    });
    const scene = fc.record({
      lines: fc.array(line, { maxLength: 14 }),
      ends: fc.array(end, { maxLength: 2 }),
      stoppedAt: fc.option(fc.constant("a step"), { nil: undefined }),
      data: fc.array(fc.boolean(), { maxLength: 2 }),
    });
    fc.assert(
      fc.property(scene, ({ lines, ends, stoppedAt, data }) => {
        const session = sessionOf({ lines, clientEnds: ends.sort((a, b) => a.atMs - b.atMs) });
        const connections = data.map((intact, index) => download(PORT_50000, 5 + index, { intact }));
        const service = serviceOf(factsWith(session, { data: connections, ...(stoppedAt && { stoppedAt }) }));
        expect(service.reason).not.toBe("");
        expect(service.errands.length).toBeGreaterThan(0);
        if (service.verdict !== "fails") return;
        expect(service.by).toBeDefined();
        expect(service.where).toBeDefined();
        expect(service.notice).toBeDefined();
      }),
    );
  });
});

test("a rate limit that drops the end of the handshake is the firewall's, though the proxy never dials", () => {
  const { server: _, ...session } = sessionOf({ lines: [] });
  const stoppedAt = "server accepts";
  const rule = { path: "pf.conf", text: "pass in … (max-src-conn-rate 3/30)", line: 21 };
  const ack = dropped({ ...synTo(SERVER, 21), flags: 16 } as Packet, { isSyn: false, reason: "src-limit", rule });
  const service = serviceOf(factsWith(session, { drops: [ack], stoppedAt }));
  expect(service).toMatchObject({ verdict: "fails", by: "firewall", where: "control connection", rule: { line: 21 } });
  expect(serviceOf(factsWith(session, { stoppedAt }))).toMatchObject({ by: "proxy" });
});

test("an address in a command is compared in its short form", () => {
  expect(addressIn("EPRT |2|2001:0db8:0002:0000:0000:0000:0000:0050|6446|")?.address).toBe("2001:db8:2::50");
  expect(addressIn("EPRT |1|10.0.0.5|6446|")).toEqual({ address: "10.0.0.5", port: 6446 });
});
