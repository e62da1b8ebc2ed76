/**
 * How states come, live and go.
 */

import { describe, expect, test } from "vitest";
import { parseRuleset } from "../../language/parse.ts";
import { pfctl } from "../../pfctl.ts";
import { INTERFACES } from "../arbitrary-storm.ts";
import { Firewall, newNotes } from "../firewall.ts";
import { answer, SmallLab, tcp, udp } from "../small-lab.ts";

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
