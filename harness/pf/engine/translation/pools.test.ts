/**
 * Which address a pool gives.
 */

import { describe, expect, test } from "vitest";
import { SmallLab, tcp } from "../small-lab.ts";
import { sipHash24 } from "./siphash.ts";

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
