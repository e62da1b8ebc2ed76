import { describe, expect, test } from "vitest";
import { explain, explainReport } from "./explain.ts";
import { PacketTextError, parsePacketText } from "./packet-text.ts";

const CONF = `ext = "em0"
int = "em1"
set skip on lo
block return
anchor "ftp-proxy/*"
match out on $ext inet from 10.0.0.0/24 nat-to ($ext)
pass in quick on $int inet proto tcp to port ftp divert-to 127.0.0.1 port 8021
pass in on $int proto tcp tag WEB
pass out on $ext proto tcp tagged WEB
`;

const met = (text: string, ...packets: string[]) =>
  explain(text, packets, {}).packets.map((packet) =>
    packet.considered.map(({ path, because }) => `${path} ${because}`),
  );

describe("a packet is written", () => {
  test("with addresses, ports and flags", () => {
    expect(
      parsePacketText("in on em0 inet6 tcp [2001:db8::1]:4000 -> [2001:db8::2]:21 flags SA tagged X"),
    ).toMatchObject({
      direction: "in",
      interface: "em0",
      family: "inet6",
      source: "2001:db8::1",
      sourcePort: 4000,
      destination: "2001:db8::2",
      destinationPort: 21,
      flags: 0x12,
      tag: "X",
    });
    expect(parsePacketText("out on em0 icmp 10.0.0.1->10.0.0.2")).toMatchObject({ protocol: "icmp", family: "inet" });
  });

  test.each([
    ["at em0", /begins with in or out/],
    ["in em0 tcp", /"on" and an interface/],
    ["in on em0", /a protocol/],
    ["in on em0 sctp 10.0.0.1 -> 10.0.0.2", /a protocol/],
    ["in on em0 tcp 10.0.0.1 10.0.0.2", /"->"/],
    ["in on em0 tcp 10.0.0.1 -> 10.0.0.2", /a port/],
    ["in on em0 tcp 10.0.0.1 -> 10.0.0.2:70000", /at most 65535/],
    ["in on em0 tcp 10.0.0.1 -> [2001:db8::1]:21", /two inet addresses/],
    ["in on em0 tcp 10.0.0.300 -> 10.0.0.2:21", /an address/],
    ["in on em0 tcp 10.0.0.1 -> 10.0.0.2:21 flags X", /FSRPAUEW/],
    ["in on em0 tcp 10.0.0.1 -> 10.0.0.2:21 frob 1", /not "frob"/],
  ])("not like this: %s", (text, expected) => {
    expect(() => parsePacketText(text)).toThrow(PacketTextError);
    expect(() => parsePacketText(text)).toThrow(expected);
  });
});

describe("explain tells", () => {
  test("each rule that was considered, and why it matched or not", () => {
    expect(met(CONF, "in on em1 tcp 10.0.0.5:40000 -> 203.0.113.21:21")).toEqual([
      [
        "0 matches: a later rule overrides it",
        "1 matches: there is no anchor below it",
        "2 no: another interface",
        "3 matches, quick: decides",
      ],
    ]);
    expect(met(CONF, "in on em0 tcp 203.0.113.21:40000 -> 192.0.2.1:22")[0]).toContain("3 no: another interface");
    expect(met("pass in proto tcp to port { 22 23 }\n", "in on em0 tcp 10.0.0.5:40000 -> 192.0.2.1:22")).toEqual([
      ["0 matches: decides", "1 no: destination port is 22"],
    ]);
    expect(met("pass in proto tcp tagged X flags S/S user root\n", "in on em0 tcp 10.0.0.5:4 -> 192.0.2.1:22")).toEqual(
      [["0 no: another owner"]],
    );
    expect(met("pass in proto tcp tagged X flags A/A\n", "in on em0 tcp 10.0.0.5:4 -> 192.0.2.1:22")).toEqual([
      ["0 no: another flags"],
    ]);
    expect(met("pass in tagged X\n", "in on em0 udp 10.0.0.5:4 -> 192.0.2.1:22")).toEqual([
      ["0 no: the packet has no tag"],
    ]);
    expect(met("pass in inet proto icmp icmp-type echorep\n", "in on em0 icmp 10.0.0.5 -> 192.0.2.1")).toEqual([
      ["0 no: another icmp-type"],
    ]);
  });

  test("what the firewall does with the packet: diverts, answers, makes a state", () => {
    const { packets } = explain(
      CONF,
      ["in on em1 tcp 10.0.0.5:40000 -> 203.0.113.21:21", "in on em0 tcp 203.0.113.21:40000 -> 192.0.2.1:22"],
      {},
    );
    expect(packets[0]).toMatchObject({ verdict: "pass", decidedBy: "3", divert: "127.0.0.1 port 8021" });
    expect(packets[0]?.states).toEqual([
      { what: "made", line: "all tcp 203.0.113.21:21 <- 10.0.0.5:40000       CLOSED:SYN_SENT" },
    ]);
    expect(packets[1]).toMatchObject({ verdict: "drop", decidedBy: "0" });
    expect(packets[1]?.answers).toEqual(["tcp 192.0.2.1:22 > 203.0.113.21:40000 RA"]);
  });

  test("a whole conversation: states and translations of earlier packets hold for later ones", () => {
    const { packets } = explain(CONF, ["in on em1 tcp 10.0.0.5:40000 -> 203.0.113.21:80", "out on em0"], {});
    const [, forwarded] = packets;
    expect(forwarded).toMatchObject({ verdict: "pass", decidedBy: "5", tag: "WEB" });
    const port = /:(\d+) >/.exec(forwarded?.becomes ?? "")?.[1];
    const again = explain(
      CONF,
      [
        "in on em1 tcp 10.0.0.5:40000 -> 203.0.113.21:80",
        "out on em0",
        `in on em0 tcp 203.0.113.21:80 -> 198.51.100.1:${port} flags SA`,
        "out on em1",
        "in on em1 tcp 10.0.0.5:40000 -> 203.0.113.21:80 flags A data 100",
      ],
      {},
    ).packets;
    expect(again.map(({ verdict, unasked }) => `${verdict} ${unasked}`)).toEqual([
      "pass undefined",
      "pass undefined",
      "pass a state",
      "pass a state",
      "pass a state",
    ]);
    expect(again[2]?.becomes).toBe("tcp 203.0.113.21:80 > 10.0.0.5:40000 SA");
  });

  test("what is in loaded anchors", () => {
    const text = "pass in quick inet proto tcp from 10.0.0.5 to any port 49999 rdr-to 203.0.113.21 port 50555\n";
    const { packets } = explain(CONF, ["in on em1 tcp 10.0.0.5:40000 -> 203.0.113.21:49999"], {
      anchors: [{ name: "ftp-proxy/4711.1", file: "anchor", text }],
    });
    expect(packets[0]?.considered.at(-1)).toMatchObject({ path: "1/4711.1/0", decides: true, file: "anchor", line: 1 });
    expect(packets[0]?.becomes).toBe("tcp 10.0.0.5:40000 > 203.0.113.21:50555 S");
  });

  test("translation rules of before 4.7, as they are written", () => {
    const text = "nat on em0 inet from 10.0.0.0/24 to any -> (em0)\nblock all\npass out on em0\n";
    const { packets } = explain(text, ["out on em0 udp 10.0.0.5:4000 -> 203.0.113.21:53"], {});
    expect(packets[0]?.considered[0]).toMatchObject({
      path: "nat 0",
      line: 1,
      text: "nat on em0 inet from 10.0.0.0/24 to any -> (em0)",
    });
    expect(packets[0]).toMatchObject({ verdict: "pass" });
    expect(packets[0]?.becomes).toMatch(/^udp 198\.51\.100\.1:/);
  });

  test("errors of the rule set instead, with file and line", () => {
    expect(explain("pass\npass frob\n", ["in on em0 udp 10.0.0.5:1 -> 10.0.0.6:2"], { file: "my.conf" })).toMatchObject(
      {
        errors: [{ file: "my.conf", line: 2, text: "syntax error" }],
        packets: [],
      },
    );
  });

  test("that a skipped interface asks nobody, and no match means to pass without state", () => {
    const { packets } = explain("set skip on em0\n", ["in on em0 udp 10.0.0.5:1 -> 10.0.0.6:2"], {});
    expect(packets[0]).toMatchObject({ verdict: "pass", unasked: "the interface is skipped" });
    const explanation = explain("block out\n", ["in on em0 udp 10.0.0.5:1 -> 10.0.0.6:2"], {});
    expect(explainReport(explanation)).toContain("no rule matched: the default passes, without state");
  });
});
