/** The model as a lab's firewall: its pfctl is whole, and what happens in it is told. */

import { describe, expect, test } from "vitest";
import type { Era, LabEvent } from "../../contract/lab.ts";
import { newNotes } from "../../pf/engine/firewall.ts";
import { PROTOCOL, TCP_FLAG, type TcpPacket } from "../../pf/packet.ts";
import { modelFirewall, PfConfError } from "./firewall.ts";

const interfaces = [
  { name: "em0", groups: ["em", "egress"], addresses: [{ address: "198.51.100.1", prefix: 24 }] },
  { name: "em1", groups: ["em"], addresses: [{ address: "10.0.0.1", prefix: 24 }] },
];

function firewallWith(era: Era, pfConf: string) {
  const events: LabEvent[] = [];
  const model = modelFirewall({
    era,
    interfaces,
    now: () => 0,
    random: () => 0,
    readFile: (path) => (path === "/etc/pf.conf" ? pfConf : undefined),
    network: (name) => (name === "em1" ? "inside" : "outside"),
    tell: (event) => events.push(event),
  });
  model.loadPfConf("/etc/pf.conf");
  return { ...model, events };
}

const syn: TcpPacket = {
  family: "inet",
  protocol: PROTOCOL.tcp,
  source: "10.0.0.5",
  destination: "198.51.100.7",
  sourcePort: 40_000,
  destinationPort: 21,
  seq: 1,
  ack: 0,
  flags: TCP_FLAG.S,
  window: 65_535,
  ttl: 64,
  tos: 0,
  payload: new Uint8Array(),
};

/** As the proxy writes them: rdr first. */
const CLASSIC = [
  "rdr inet proto tcp from 10.0.0.5 to 198.51.100.7 port = 1080 -> 198.51.100.7 port 50555",
  "nat inet proto tcp from 10.0.0.5 to 198.51.100.7 port = 50555 -> 198.51.100.1",
  "pass in quick inet proto tcp from 10.0.0.5 to 198.51.100.7 port = 50555 flags S/SA keep state (max 1)",
];
const [RDR, NAT, PASS] = CLASSIC;

describe("the firewall of a lab", () => {
  test("refuses a pf.conf that does not load, in the words of pfctl", () => {
    expect(() => firewallWith("divert-to", "pass in on\n")).toThrow(PfConfError);
    expect(() => firewallWith("divert-to", "pass in on\n")).toThrow("/etc/pf.conf:1: syntax error");
    expect(() => firewallWith("rdr-to", "pass in proto tcp divert-to 127.0.0.1 port 8021\n")).toThrow(
      "belongs to the era divert-to",
    );
  });

  test("tells what an anchor of the proxy holds: nat and rdr before filter rules, ports as numbers", () => {
    const { pfctl, events } = firewallWith("rdr-anchor", 'rdr-anchor "ftp-proxy/*"\nanchor "ftp-proxy/*"\n');
    expect(pfctl(["-a", "ftp-proxy/4711.1", "-f", "-"], `${CLASSIC.join("\n")}\n`).status).toBe(0);
    pfctl(["-a", "ftp-proxy/4711.1", "-f", "-"], "");
    expect(events).toEqual([
      { kind: "anchor", atMs: 0, anchor: "ftp-proxy/4711.1", rules: [NAT, RDR, PASS] },
      { kind: "anchor", atMs: 0, anchor: "ftp-proxy/4711.1", rules: [] },
    ]);
  });

  test("its pfctl shows and takes away: anchors, translations, states", () => {
    const { firewall, pfctl, events } = firewallWith(
      "rdr-anchor",
      'rdr-anchor "ftp-proxy/*"\nanchor "ftp-proxy/*"\npass\n',
    );
    pfctl(["-a", "ftp-proxy/4711.1", "-f", "-"], `${CLASSIC.join("\n")}\n`);
    expect(pfctl(["-a", "ftp-proxy", "-sA"]).stdout).toBe("  ftp-proxy/4711.1\n");
    // pfctl of that era names ports unless told otherwise.
    expect(pfctl(["-a", "ftp-proxy/4711.1", "-sn"]).stdout).toBe(`${NAT}\n${RDR?.replace("1080", "socks")}\n`);
    expect(pfctl(["-P", "-a", "ftp-proxy/4711.1", "-sn"]).stdout).toBe(`${NAT}\n${RDR}\n`);
    expect(pfctl(["-a", "ftp-proxy/4711.1", "-sr"]).stdout).toBe(`${PASS}\n`);

    expect(firewall.test("in", "em1", syn, newNotes()).verdict).toBe("pass");
    expect(pfctl(["-ss"]).stdout).toMatch(/^all tcp 198\.51\.100\.7:21 <- 10\.0\.0\.5:40000 /);
    expect(pfctl(["-k", "10.0.0.5"]).status).toBe(0);
    expect(pfctl(["-ss"]).stdout).toBe("");
    expect(events.filter(({ kind }) => kind === "state")).toHaveLength(2);
    expect(pfctl(["-F", "rules"]).status).toBe(0);
    expect(pfctl(["-sr"]).stdout).toBe("");
  });

  test("tells what it drops, and by which line", () => {
    const { firewall, events } = firewallWith("divert-to", "pass out\nblock drop in\n");
    firewall.test("in", "em1", syn, newNotes());
    expect(events).toMatchObject([
      {
        kind: "drop",
        interface: "em1",
        network: "inside",
        direction: "in",
        rule: { text: "block drop in all", line: 2 },
      },
    ]);
  });
});
