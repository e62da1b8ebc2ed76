import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import type { PflogEntry } from "./link-layer.ts";
import { numbered, positionOf } from "./logged-rule.ts";

const PF_CONF = await readFile(new URL("../../../vm/pf/divert-to/forward.conf", import.meta.url), "utf8");
/** Printed by an OpenBSD 7.8 kernel's pfctl -sr of that file. */
const PRINTED = `anchor "ftp-proxy/*" all
match out on vport0 inet from 10.0.0.0/24 to any nat-to (vport0:0)
block drop log all
pass in quick on vport1 inet proto tcp from 10.0.0.0/24 to any port = 21 flags S/SA divert-to 127.0.0.1 port 8021
pass in quick on vport1 inet6 proto tcp from 2001:db8:1::/64 to any port = 21 flags S/SA divert-to ::1 port 8021
pass out on vport0 inet proto tcp from (vport0) to any port = 21 flags S/SA
pass out on vport0 inet6 proto tcp from (vport0) to any port = 21 flags S/SA
pass inet6 proto ipv6-icmp all
`;
const entry: PflogEntry = {
  action: "block",
  reason: 0,
  interface: "vport0",
  ruleset: "",
  rule: 2,
  subrule: undefined,
  direction: "in",
  packet: new Uint8Array(0),
};
const nobody = () => [];

describe("the rule that pflog tells the number of", () => {
  test("is the one that pfctl prints, at its line of pf.conf", () => {
    const line = PF_CONF.split("\n").indexOf("block log all") + 1;
    const main = numbered(PRINTED, PF_CONF, "divert-to");
    expect(positionOf(entry, main, nobody)).toEqual({ path: "2", text: "block drop log all", line });
  });

  test("has no line where pf.conf gives another number of rules", () => {
    const main = numbered(PRINTED, `${PF_CONF}\npass on lo0\n`, "divert-to");
    expect(main).toContainEqual({ text: "block drop log all", line: undefined });
    expect(positionOf(entry, main, nobody)).toBeUndefined();
  });

  test("in an anchor is the anchor's", () => {
    const full = { ...entry, reason: 12, rule: 0, ruleset: "4711.1", subrule: 1 };
    const rules = (anchor: string) => (anchor === "4711.1" ? ["pass in quick", "pass out quick"] : []);
    expect(positionOf(full, [], rules)).toEqual({ path: "0/4711.1/1", text: "pass out quick", line: 2 });
  });
});
