/**
 * The era `rdr-anchor`: translation lists before filter rules.
 */

import { describe, expect, test } from "vitest";
import { pfctl } from "../pfctl.ts";
import { SmallLab, tcp } from "./small-lab.ts";

const lab = (text: string) => new SmallLab(text, "rdr-anchor");
const syn = tcp("10.0.0.2:1024", "203.0.113.9:21");

describe("before OpenBSD 4.7, and on FreeBSD", () => {
  test("rdr pass spares the packet the filter rules, and makes a state", () => {
    const { firewall, ...rest } = lab("rdr pass on em0 proto tcp to port 21 -> 127.0.0.1 port 8021\nblock all\n");
    expect(rest.ms).toBeGreaterThan(0);
    const decision = firewall.test("in", "em0", syn, {});
    expect(decision).toMatchObject({ verdict: "pass", packet: { destination: "127.0.0.1", destinationPort: 8021 } });
    expect(firewall.states()).toHaveLength(1);
  });

  test("without pass, filter rules see the translated packet", () => {
    const rdr = "rdr on em0 proto tcp to port 21 -> 127.0.0.1 port 8021\nblock all\n";
    expect(lab(`${rdr}pass in proto tcp to port 21\n`).in(syn).verdict).toBe("drop");
    expect(lab(`${rdr}pass in proto tcp to 127.0.0.1 port 8021\n`).in(syn).verdict).toBe("pass");
  });

  test("the first translation rule that matches wins, and no rdr ends the search", () => {
    const two = "rdr on em0 proto tcp to port 21 -> 10.0.0.3\nrdr on em0 proto tcp to port 21 -> 10.0.0.4\npass\n";
    expect(lab(two).in(syn)).toMatchObject({ packet: { destination: "10.0.0.3" } });
    const spared = `no rdr on em0 proto tcp from 10.0.0.2 to any\n${two}`;
    expect(lab(spared).in(syn)).toMatchObject({ packet: { destination: "203.0.113.9" } });
  });

  test("nat translates on the way out, and replies come back to the sender", () => {
    const one = lab("nat on em1 from 10.0.0.0/24 to any -> 198.51.100.1\npass\n");
    const sent = one.through(syn);
    if (typeof sent === "string" || !("sourcePort" in sent)) throw new Error(`${sent}`);
    expect(sent.source).toBe("198.51.100.1");
    const reply = tcp("203.0.113.9:21", `198.51.100.1:${sent.sourcePort}`, "SA", { seq: 5000, ack: 1001 });
    expect(one.through(reply, "em1")).toMatchObject({ destination: "10.0.0.2", destinationPort: 1024 });
  });

  test("binat works both ways", () => {
    const one = lab("binat on em1 from 10.0.0.2 to any -> 198.51.100.77\npass\n");
    expect(one.through(syn)).toMatchObject({ source: "198.51.100.77", sourcePort: 1024 });
    const inward = tcp("203.0.113.9:4000", "198.51.100.77:80");
    expect(one.through(inward, "em1")).toMatchObject({ destination: "10.0.0.2", destinationPort: 80 });
  });

  test("translation rules in anchors are called by their own kind of anchor rule", () => {
    const one = lab('nat-anchor "ftp-proxy/*"\nrdr-anchor "ftp-proxy/*"\nanchor "ftp-proxy/*"\nblock all\n');
    const data = tcp("10.0.0.2:1025", "203.0.113.9:50365");
    one.load(
      "ftp-proxy/4711.1",
      "rdr inet proto tcp from 10.0.0.2 to 203.0.113.9 port 50365 -> 203.0.113.9 port 50000\n" +
        "pass in quick inet proto tcp from 10.0.0.2 to 203.0.113.9 port 50000 keep state (max 1)\n" +
        "pass out quick inet proto tcp from 10.0.0.2 to 203.0.113.9 port 50000 keep state (max 1)\n",
    );
    expect(one.through(data)).toMatchObject({ destinationPort: 50000 });
    const shown = pfctl(["-a", "*", "-sn"], { firewall: one.firewall }).stdout;
    expect(shown).toContain('rdr-anchor "ftp-proxy/*" all {');
    expect(shown).toContain("-> 203.0.113.9 port 50000");
    expect(pfctl(["-a", "ftp-proxy/4711.1", "-F", "rules"], { firewall: one.firewall }).status).toBe(0);
    expect(one.firewall.anchors()).toEqual(["ftp-proxy"]);
  });
});
