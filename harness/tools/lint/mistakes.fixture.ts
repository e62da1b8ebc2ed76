/**
 * Rule sets that are fit for ftp-proxy, and the mistakes that PF guides warn of, each made in one of them; with the
 * finding that must name it.
 */

import { expect } from "vitest";
import type { LintOptions } from "./analysis.ts";

export const FIT = `ext_if = "em0"
int_if = "em1"
set skip on lo
block log all
anchor "ftp-proxy/*"
match out on $ext_if inet from $int_if:network nat-to ($ext_if)
pass in quick on $int_if inet proto tcp to port ftp divert-to 127.0.0.1 port 8021
pass out on $ext_if inet proto tcp from ($ext_if) to any port ftp
pass in on $int_if
`;

export const CLASSIC = `ext_if = "em0"
int_if = "em1"
nat-anchor "ftp-proxy/*"
rdr-anchor "ftp-proxy/*"
nat on $ext_if inet from $int_if:network to any -> ($ext_if)
rdr pass on $int_if inet proto tcp from any to any port ftp -> 127.0.0.1 port 8021
block all
anchor "ftp-proxy/*"
pass out on $ext_if inet proto tcp from ($ext_if) to any port ftp
`;

export const address = (text: string) => ({
  address: text.split("/")[0] as string,
  prefix: Number(text.split("/")[1]),
});

const MACHINE = [
  { name: "em0", groups: ["egress"], addresses: ["192.0.2.1/24"].map(address) },
  { name: "em1", groups: [], addresses: ["10.0.0.1/24"].map(address) },
];

/** Changes one thing in a rule set that is fit. */
const but = (from: string | RegExp, to: string, text = FIT): string => {
  const changed = text.replace(from, to);
  expect(changed).not.toBe(text);
  return changed;
};

export interface Mistake {
  readonly name: string;
  readonly text: () => string;
  readonly finds: string;
  readonly options?: LintOptions;
}

export const MISTAKES: readonly Mistake[] = [
  { name: "no anchor", text: () => but(/anchor.*\n/, ""), finds: "4 anchor-missing" },
  { name: "an anchor without its star", text: () => but("ftp-proxy/*", "ftp-proxy"), finds: "5 anchor-without-star" },
  {
    name: "an anchor inside another",
    text: () => but(/anchor.*\n/, 'anchor "outer" {\n  anchor "ftp-proxy/*"\n}\n'),
    finds: "6 anchor-nested",
  },
  { name: "an anchor for one direction", text: () => but(/(anchor.*)\n/, "$1 in\n"), finds: "5 anchor-restricted" },
  {
    name: "an anchor for one interface",
    text: () => but(/(anchor.*)\n/, "$1 on $ext_if\n"),
    finds: "5 anchor-restricted",
  },
  { name: "an anchor for UDP", text: () => but(/(anchor.*)\n/, "$1 proto udp\n"), finds: "5 anchor-restricted" },
  {
    name: "an anchor after NAT",
    text: () => but(/(anchor.*\n)(match.*\n)/, "$2$1"),
    finds: "6 anchor-after-nat",
  },
  {
    name: "an anchor after NAT, where all else passes",
    text: () => but("block log all", "pass", but(/(anchor.*\n)(match.*\n)/, "$2$1")),
    finds: "6 anchor-after-nat",
  },
  {
    name: "an anchor after a pass rule with NAT",
    text: () =>
      but(/(anchor.*\n)match.*\n/, "pass out quick on $ext_if inet from $int_if:network nat-to ($ext_if)\n$1"),
    finds: "6 anchor-after-quick",
  },
  {
    name: "an anchor after a quick block of high ports",
    text: () => but("anchor", "block in quick on $ext_if proto tcp to port > 1023\nanchor"),
    finds: "6 anchor-after-quick",
  },
  {
    name: "an anchor after a redirection",
    text: () => but("anchor", "match in on $ext_if inet proto tcp to port > 1023 rdr-to 10.0.0.9\nanchor"),
    finds: "6 anchor-after-rdr",
  },
  { name: "no divert rule", text: () => but(/pass in quick.*\n/, ""), finds: "8 divert-missing" },
  { name: "a divert rule that is not quick", text: () => but("in quick", "in"), finds: "7 divert-overridden" },
  {
    name: "a divert rule after a general pass",
    text: () => but("pass in quick", "pass in quick on $int_if inet\npass in quick"),
    finds: "8 divert-shadowed",
  },
  {
    name: "a divert rule after a quick block",
    text: () => but("pass in quick", "block in quick proto tcp to port { ftp telnet }\npass in quick"),
    finds: "8 divert-shadowed",
  },
  {
    name: "a divert rule outside",
    text: () => but("quick on $int_if", "quick on $ext_if"),
    finds: "7 divert-misses-clients",
  },
  { name: "another port", text: () => but("8021", "8022"), finds: "7 divert-target" },
  { name: "divert-to without a host", text: () => but("divert-to 127.0.0.1", "divert-to"), finds: "7 host-missing" },
  { name: "rdr-to instead of divert-to", text: () => but("divert-to", "rdr-to"), finds: "7 redirected-not-diverted" },
  {
    name: "a redirection of another era",
    text: () =>
      but(/pass in quick.*\n/, "rdr pass on $int_if inet proto tcp from any to any port ftp -> 127.0.0.1 port 8021\n"),
    finds: "7 other-era",
  },
  {
    name: "NAT of another era",
    text: () => but(/match.*\n/, "nat on $ext_if inet from $int_if:network to any -> ($ext_if)\n"),
    finds: "6 other-era",
  },
  { name: "no pass rule for the proxy", text: () => but(/pass out.*\n/, ""), finds: "8 proxy-out-missing" },
  {
    name: "a quick block before the proxy's pass rule",
    text: () => but("pass out", "block out quick on $ext_if proto tcp to port { ftp telnet }\npass out"),
    finds: "9 proxy-out-shadowed",
  },
  {
    name: "a block after the proxy's pass rule",
    text: () => `${FIT}block out on $ext_if proto tcp to port ftp\n`,
    finds: "8 proxy-out-shadowed",
  },
  {
    name: "a pass rule inside",
    text: () => but("out on $ext_if inet proto", "out on $int_if inet proto"),
    finds: "8 proxy-out-misses",
  },
  {
    name: "a pass rule without state",
    text: () => but(/(pass out.*)\n/, "$1 no state\n"),
    finds: "8 proxy-out-stateless",
  },
  {
    name: "IPv6 forgotten, where rules pass it",
    text: () => `${FIT}pass inet6 proto icmp6\npass in on $int_if inet6\npass out on $ext_if inet6\n`,
    finds: "7 divert-missing",
  },
  {
    name: "IPv6 forgotten on the way out",
    text: () =>
      but("pass out", "pass in quick on $int_if inet6 proto tcp to port ftp divert-to ::1 port 8021\npass out"),
    finds: "10 proxy-out-missing",
  },
  { name: "the inside skipped", text: () => but("skip on lo", "skip on { lo $int_if }"), finds: "3 interface-skipped" },
  { name: "a tag that nobody passes", text: () => FIT, finds: "9 tagged-pass-missing", options: { tag: "FTP" } },
  {
    name: "a tag that is passed too early",
    text: () => but("anchor", "pass tagged FTP\nanchor"),
    finds: "5 tagged-pass-early",
    options: { tag: "FTP" },
  },
  {
    name: "a tag that is passed in one direction",
    text: () => `${FIT}pass in quick tagged FTP\n`,
    finds: "10 tagged-pass-restricted",
    options: { tag: "FTP" },
  },
  {
    name: "a reverse set-up that lets nobody in",
    text: () => 'block\nanchor "ftp-proxy/*"\npass out on em1 inet proto tcp to 10.0.0.20 port ftp\n',
    finds: "3 reverse-missing",
    options: { reverse: true },
  },
  {
    name: "a reverse set-up that redirects past the proxy",
    text: () => `block
anchor "ftp-proxy/*"
pass in on em0 inet proto tcp to 192.0.2.1 port ftp rdr-to 10.0.0.20
pass out on em1 inet proto tcp to 10.0.0.20 port ftp
`,
    finds: "3 reverse-redirected",
    options: { reverse: true },
  },
  { name: "no nat-anchor", text: () => but(/nat-anchor.*\n/, "", CLASSIC), finds: "3 nat-anchor-missing" },
  { name: "no rdr-anchor", text: () => but(/rdr-anchor.*\n/, "", CLASSIC), finds: "3 rdr-anchor-missing" },
  { name: "no filter anchor", text: () => but(/\nanchor.*\n/, "\n", CLASSIC), finds: "7 anchor-missing" },
  {
    name: "nat-anchor after NAT to another address",
    text: () =>
      but("($ext_if)\n", "192.0.2.9\n", but(/(nat-anchor.*\n)(rdr-anchor.*\n)(nat on.*\n)/, "$2$3$1", CLASSIC)),
    finds: "5 anchor-after-nat",
    options: { interfaces: MACHINE },
  },
  {
    name: "rdr without pass",
    text: () => but("rdr pass", "rdr", CLASSIC),
    finds: "6 rdr-without-pass",
  },
  {
    name: "an exemption before the redirection",
    text: () => but("rdr pass", "no rdr on $int_if proto tcp from any to any port { ftp ssh }\nrdr pass", CLASSIC),
    finds: "7 divert-shadowed",
  },
  {
    name: "divert-to before 4.7",
    text: () =>
      but(
        /rdr pass.*\n/,
        "pass in quick on $int_if inet proto tcp to port ftp divert-to 127.0.0.1 port 8021\n",
        CLASSIC,
      ),
    finds: "6 other-era",
  },
  {
    name: "translation rules after filter rules",
    text: () => but(/(rdr pass.*\n)(block all\n)/, "$2$1", CLASSIC),
    finds: "7 statement-order",
  },
];
