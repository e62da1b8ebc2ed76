/**
 * The engine as a whole: states and their limits, address pools, and the era `rdr-anchor`.
 */

import { describe, expect, test } from "vitest";
import { parseRuleset } from "../language/parse.ts";
import { pfctl } from "../pfctl.ts";
import { Firewall, newNotes } from "./firewall.ts";
import { answer, SmallLab, tcp, udp } from "./small-lab.fixture.ts";
import { INTERFACES } from "./storm.fixture.ts";
import { sipHash24 } from "./translation/siphash.ts";

const syn = tcp("10.0.0.2:1024", "203.0.113.9:80");

describe("(max 1)", () => {
  const text = "block\npass in proto tcp keep state (max 1)\npass out\n";

  test("drops the second connection whatever other rules say, until the purge has freed the first", () => {
    const lab = new SmallLab(text);
    expect(lab.in(syn).verdict).toBe("pass");
    const second = tcp("10.0.0.2:1025", "203.0.113.9:80");
    expect(lab.in(second)).toMatchObject({ verdict: "drop", reason: "state-limit" });
    lab.later(119);
    expect(lab.in(second).verdict).toBe("drop");
    lab.later(2);
    expect(lab.in(second).verdict).toBe("pass");
  });

  test("a killed state counts until the purge", () => {
    const lab = new SmallLab(text);
    lab.in(syn);
    expect(pfctl(["-k", "10.0.0.2"], { firewall: lab.firewall }).stderr).toContain("killed 1 states");
    expect(lab.firewall.states()).toEqual([]);
    expect(lab.in(syn).verdict).toBe("drop");
    lab.later(1);
    expect(lab.in(syn).verdict).toBe("pass");
  });
});

describe("a connection's phases", () => {
  test("have the timeouts of pf.conf(5)", () => {
    const lab = new SmallLab("pass");
    const left = () => {
      const [state] = lab.firewall.states();
      return state === undefined ? "gone" : lab.firewall.stateTable.expiresIn(state);
    };
    const back = (letters: string, fields = {}) => lab.out(answer(syn, letters, fields), "em0");
    lab.in(syn);
    expect(left()).toBe(120);
    lab.in(syn);
    expect(left()).toBe(30);
    back("SA");
    lab.in(tcp("10.0.0.2:1024", "203.0.113.9:80", "A", { seq: 1001 }));
    expect(left()).toBe(86400);
    lab.in(tcp("10.0.0.2:1024", "203.0.113.9:80", "FA", { seq: 1001 }));
    expect(left()).toBe(900);
    back("FA", { seq: 5001, ack: 1002 });
    expect(left()).toBe(45);
    lab.in(tcp("10.0.0.2:1024", "203.0.113.9:80", "A", { seq: 1002, ack: 5002 }));
    expect(left()).toBe(90);
    lab.later(91);
    expect(left()).toBe("gone");
  });

  test("shrink when there are many states", () => {
    const lab = new SmallLab("set timeout { adaptive.start 2, adaptive.end 6 }\npass\n");
    for (let port = 1; port <= 4; port++) lab.in(udp(`10.0.0.2:${port}`, "203.0.113.9:53"));
    const [state] = lab.firewall.states();
    if (state === undefined) throw new Error("no state");
    // udp.first 60, halfway between 2 and 6.
    expect(lab.firewall.stateTable.expiresIn(state)).toBe(30);
  });
});

describe("sequence windows", () => {
  const established = () => {
    const lab = new SmallLab("pass");
    lab.in(syn);
    lab.out(answer(syn, "SA"), "em0");
    lab.in(tcp("10.0.0.2:1024", "203.0.113.9:80", "A", { seq: 1001 }));
    return lab;
  };

  test("data far outside is dropped as a state mismatch, and a blind reset too", () => {
    const lab = established();
    const far = tcp("10.0.0.2:1024", "203.0.113.9:80", "PA", { seq: 2_000_000, payload: new Uint8Array(5) });
    expect(lab.in(far)).toMatchObject({ verdict: "drop", reason: "state-mismatch" });
    const reset = tcp("10.0.0.2:1024", "203.0.113.9:80", "R", { seq: 9000 });
    expect(lab.in(reset)).toMatchObject({ verdict: "drop", reason: "state-mismatch" });
    expect(lab.in({ ...reset, seq: 1001 }).verdict).toBe("pass");
  });

  test("a SYN in the middle is answered by PF itself, and goes no further", () => {
    const decision = established().in({ ...syn, seq: 777 });
    expect(decision.verdict).toBe("drop");
    expect(decision.answers).toMatchObject([{ source: "203.0.113.9", destination: "10.0.0.2", flags: 0x10 }]);
  });
});

describe("a reused port", () => {
  /** A server at port 20 connects twice to the same port of a client, each time by another proxy port. */
  test("costs the server's first SYN: the old state holds the translated key until it is purged", () => {
    const lab = new SmallLab('anchor "ftp-proxy/*"\nblock\n');
    const rules = (port: number) =>
      `pass in quick inet proto tcp from 203.0.113.9 to 198.51.100.1 port ${port} keep state (max 1) rdr-to 10.0.0.2 port 5000\n` +
      "pass out quick inet proto tcp from 203.0.113.9 to 10.0.0.2 port 5000 keep state (max 1) nat-to 198.51.100.9 port 20\n";
    const play = (port: number) => lab.through(tcp("203.0.113.9:20", `198.51.100.1:${port}`), "em1");
    lab.load("ftp-proxy/1.1", rules(40001));
    expect(play(40001)).toMatchObject({ source: "198.51.100.9", destination: "10.0.0.2", destinationPort: 5000 });
    // Both ends have closed.
    for (const { src, dst } of lab.firewall.states()) {
      src.level = 9;
      dst.level = 9;
    }
    lab.load("ftp-proxy/1.2", rules(40002));
    expect(play(40002)).toBe("dropped out");
    lab.later(6);
    expect(play(40002)).toMatchObject({ destination: "10.0.0.2", destinationPort: 5000 });
  });

  test("misleads the first SYN out once, whichever port PF would choose", () => {
    const lab = new SmallLab('anchor "ftp-proxy/*"\nblock\n');
    const rules = (port: number) =>
      `pass in quick inet proto tcp from 203.0.113.9 to 198.51.100.1 port ${port} keep state (max 1) rdr-to 10.0.0.2 port 5000\n` +
      "pass out quick inet proto tcp from 203.0.113.9 to 10.0.0.2 port 5000 keep state (max 1) nat-to 198.51.100.9\n";
    const play = (port: number) => lab.through(tcp("203.0.113.9:20", `198.51.100.1:${port}`), "em1");
    lab.load("ftp-proxy/1.1", rules(40001));
    expect(play(40001)).toMatchObject({ destination: "10.0.0.2" });
    for (const { src, dst } of lab.firewall.states()) {
      src.level = 9;
      dst.level = 9;
    }
    lab.load("ftp-proxy/1.1", rules(40002));
    expect(play(40002)).toBe("dropped out");
    expect(play(40002)).toMatchObject({ source: "198.51.100.9", destination: "10.0.0.2" });
  });
});

test("a pfctl -f that fails takes `set skip` away at the next commit, whoever makes it", () => {
  const lab = new SmallLab("set skip on em0\nblock\n");
  expect(lab.in(syn).verdict).toBe("pass");
  const failed = pfctl(["-f", "-"], { firewall: lab.firewall, stdin: "pass frob\n" });
  expect(failed).toMatchObject({ status: 1 });
  expect(failed.stderr).toContain("pf rules not loaded");
  expect(lab.in(syn).verdict).toBe("pass");
  lab.load("ftp-proxy/1.1", "pass in proto udp\n");
  expect(lab.in(syn).verdict).toBe("drop");
});

test("an observer hears of commits, states and drops", () => {
  const heard: string[] = [];
  let ms = 1_000_000;
  const firewall = new Firewall({
    interfaces: INTERFACES,
    now: () => ms,
    random: () => 0,
    observer: {
      committed: (anchors) => heard.push(`commit "${anchors.join(" ")}"`),
      stateCreated: (line) => heard.push(`new ${line}`),
      stateRemoved: (line) => heard.push(`gone ${line}`),
      dropped: (direction, name, _packet, { reason }) => heard.push(`drop ${direction} ${name} ${reason}`),
    },
  });
  firewall.load("", parseRuleset("block\npass in proto udp\n", { interfaces: INTERFACES }).ruleset);
  firewall.test("in", "em0", udp("10.0.0.2:1024", "203.0.113.9:53"), newNotes());
  firewall.test("in", "em0", syn, newNotes());
  ms += 62_000;
  firewall.purge();
  expect(heard).toEqual([
    'commit ""',
    "new all udp 203.0.113.9:53 <- 10.0.0.2:1024       NO_TRAFFIC:SINGLE",
    "drop in em0 match",
    "gone all udp 203.0.113.9:53 <- 10.0.0.2:1024       NO_TRAFFIC:SINGLE",
  ]);
});

const targets = (lab: SmallLab, sources: readonly string[]) =>
  sources.map((source, i) => {
    const decision = lab.in(tcp(`${source}:${1024 + i}`, "198.51.100.1:80"), "em1");
    return decision.verdict === "pass" ? decision.packet.destination : decision.reason;
  });

test("SipHash-2-4 gives the reference vector", () => {
  // Aumasson and Bernstein, "SipHash: a fast short-input PRF", appendix A.
  const bytes = (count: number) => Uint8Array.from({ length: count }, (_, i) => i);
  expect(sipHash24(bytes(16), bytes(15))).toBe(0xa129ca6149be45e5n);
});

describe("rdr-to a list", () => {
  const rule = (type: string) =>
    `pass in on em1 inet proto tcp to port 80 rdr-to { 10.0.0.7 10.0.0.5 10.0.0.6 } ${type}\n`;
  const one = ["203.0.113.1", "203.0.113.1", "203.0.113.1", "203.0.113.1"];

  test("goes round in order of address", () => {
    expect(targets(new SmallLab(rule("round-robin")), one)).toEqual(["10.0.0.5", "10.0.0.6", "10.0.0.7", "10.0.0.5"]);
  });

  test("sticks to the first choice while the source has states", () => {
    const lab = new SmallLab(rule("round-robin sticky-address"));
    expect(targets(lab, [...one, "203.0.113.2"])).toEqual([...one.map(() => "10.0.0.5"), "10.0.0.6"]);
  });

  test("hashes the source: the same source, the same address", () => {
    const key = "0x000102030405060708090a0b0c0d0e0f";
    const [first, ...rest] = targets(new SmallLab(rule(`source-hash ${key}`)), one);
    expect(rest.every((address) => address === first)).toBe(true);
  });

  test("with least-states gives each new connection to the idlest", () => {
    const chosen = targets(new SmallLab(rule("least-states")), [...one, ...one].slice(0, 6));
    expect([...chosen].sort()).toEqual(["10.0.0.5", "10.0.0.5", "10.0.0.6", "10.0.0.6", "10.0.0.7", "10.0.0.7"]);
  });
});

test("a bitmask pool keeps the host part", () => {
  const lab = new SmallLab("pass in on em1 inet proto tcp to 198.51.100.0/24 port 80 rdr-to 10.0.0.0/24 bitmask\n");
  const decision = lab.in(tcp("203.0.113.1:1024", "198.51.100.42:80"), "em1");
  expect(decision).toMatchObject({ verdict: "pass", packet: { destination: "10.0.0.42" } });
});

test("a port range that is used up drops with reason translate", () => {
  const lab = new SmallLab("pass out inet proto tcp nat-to 198.51.100.1 port 50001:50002\n");
  const results = [1, 2, 3].map((port) => lab.out(tcp(`10.0.0.2:${port}`, "203.0.113.9:80")));
  expect(results.map((one) => (one.verdict === "pass" ? "pass" : one.reason))).toEqual(["pass", "pass", "translate"]);
});

const oldLab = (text: string) => new SmallLab(text, "rdr-anchor");
const ftpSyn = tcp("10.0.0.2:1024", "203.0.113.9:21");

describe("before OpenBSD 4.7, and on FreeBSD", () => {
  test("rdr pass spares the packet the filter rules, and makes a state", () => {
    const { firewall, ...rest } = oldLab("rdr pass on em0 proto tcp to port 21 -> 127.0.0.1 port 8021\nblock all\n");
    expect(rest.ms).toBeGreaterThan(0);
    const decision = firewall.test("in", "em0", ftpSyn, {});
    expect(decision).toMatchObject({ verdict: "pass", packet: { destination: "127.0.0.1", destinationPort: 8021 } });
    expect(firewall.states()).toHaveLength(1);
  });

  test("without pass, filter rules see the translated packet", () => {
    const rdr = "rdr on em0 proto tcp to port 21 -> 127.0.0.1 port 8021\nblock all\n";
    expect(oldLab(`${rdr}pass in proto tcp to port 21\n`).in(ftpSyn).verdict).toBe("drop");
    expect(oldLab(`${rdr}pass in proto tcp to 127.0.0.1 port 8021\n`).in(ftpSyn).verdict).toBe("pass");
  });

  test("the first translation rule that matches wins, and no rdr ends the search", () => {
    const two = "rdr on em0 proto tcp to port 21 -> 10.0.0.3\nrdr on em0 proto tcp to port 21 -> 10.0.0.4\npass\n";
    expect(oldLab(two).in(ftpSyn)).toMatchObject({ packet: { destination: "10.0.0.3" } });
    const spared = `no rdr on em0 proto tcp from 10.0.0.2 to any\n${two}`;
    expect(oldLab(spared).in(ftpSyn)).toMatchObject({ packet: { destination: "203.0.113.9" } });
  });

  test("nat translates on the way out, and replies come back to the sender", () => {
    const one = oldLab("nat on em1 from 10.0.0.0/24 to any -> 198.51.100.1\npass\n");
    const sent = one.through(ftpSyn);
    if (typeof sent === "string" || !("sourcePort" in sent)) throw new Error(`${sent}`);
    expect(sent.source).toBe("198.51.100.1");
    const reply = tcp("203.0.113.9:21", `198.51.100.1:${sent.sourcePort}`, "SA", { seq: 5000, ack: 1001 });
    expect(one.through(reply, "em1")).toMatchObject({ destination: "10.0.0.2", destinationPort: 1024 });
  });

  test("binat works both ways", () => {
    const one = oldLab("binat on em1 from 10.0.0.2 to any -> 198.51.100.77\npass\n");
    expect(one.through(ftpSyn)).toMatchObject({ source: "198.51.100.77", sourcePort: 1024 });
    const inward = tcp("203.0.113.9:4000", "198.51.100.77:80");
    expect(one.through(inward, "em1")).toMatchObject({ destination: "10.0.0.2", destinationPort: 80 });
  });

  test("translation rules in anchors are called by their own kind of anchor rule", () => {
    const one = oldLab('nat-anchor "ftp-proxy/*"\nrdr-anchor "ftp-proxy/*"\nanchor "ftp-proxy/*"\nblock all\n');
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
