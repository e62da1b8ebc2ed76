/** Rule sets as they stand on people's firewalls, made after public reports, with the right answers. */

import { describe, expect, test } from "vitest";
import type { LintOptions } from "./analysis.ts";
import { corrected, keepsPromise } from "./corrected.ts";
import { isFit, lint } from "./lint.ts";
import { address, MISTAKES } from "./mistakes.fixture.ts";

const classic = { era: "rdr-anchor" } as const;

const TWO_REVERSE = `srv1="203.0.113.11"
srv2="203.0.113.12"
set skip on lo
anchor "ftp-proxy/*"
pass in quick on egress inet proto tcp to $srv1 port 21 divert-to 127.0.0.1 port 8021
pass in quick on egress inet proto tcp to $srv2 port 21 divert-to 127.0.0.1 port 8022
block
pass out on em1 inet proto tcp to port 21
`;

const VLANS = `set skip on lo
anchor "ftp-proxy/*"
match out on egress inet from !(egress:network) to any nat-to (egress:0)
pass in quick on { dmz lan } inet proto tcp to port ftp divert-to 127.0.0.1 port 8021
block
pass in on vio0 to (vio0)
pass out on vio0 from (vio0)
`;

const JAILS = `ext_if="em0"
int_if = "lo1"
jailnet = $int_if:network
nat on $ext_if from $jailnet to any -> ($ext_if)
nat-anchor "ftp-proxy/*"
rdr-anchor "ftp-proxy/*"
rdr pass on $int_if proto tcp from $jailnet to any port 21 -> 127.0.0.1 port 8021
anchor "ftp-proxy/*"
pass all
`;

const USERS = `table <ftpusers> persist
set skip on lo
anchor "ftp-proxy/*"
match out on em0 inet from em1:network to any nat-to (em0)
pass in quick on em1 inet proto tcp from <ftpusers> to any port ftp divert-to 127.0.0.1 port 8021
block
pass out on em0
`;

const NAT_FIRST = `set skip on lo
match out on em0 inet from em1:network to any nat-to (em0)
anchor "ftp-proxy/*"
pass in quick on em1 inet proto tcp to port ftp divert-to 127.0.0.1 port 8021
pass
`;

const ELSEWHERE = `table <bad> persist file "/etc/badhosts"
set skip on lo
anchor "ftp-proxy/*"
include "/etc/pf.more"
pass in quick on em1 inet proto tcp to port ftp divert-to 127.0.0.1 port 8021
block in quick from { <bad> badhost }
pass out proto tcp to port nosuchport user _tor group _tor
pass
`;

const DNS = `set skip on lo
match out on egress inet from !(egress:network) to any nat-to (egress:0)
pass
pass in on lan inet proto { tcp udp } to 192.0.2.53 port domain divert-to 10.1.0.1 port domain
`;

const MATCH_RDR = `set skip on lo
anchor "ftp-proxy/*"
match in on em1 inet proto tcp from em1:network to any port 21 rdr-to 127.0.0.1 port 8021
pass in quick on em1 inet proto tcp from em1:network to any port 21
block
pass out on em0
`;

const NO_PASS = `wan="em0"
nat-anchor "ftp-proxy/*"
rdr-anchor "ftp-proxy/*"
rdr on $wan inet proto tcp from any to 198.51.100.1 port 21 -> 127.0.0.1 port 8021
anchor "ftp-proxy/*"
block in on $wan
pass in on $wan proto tcp from any to 198.51.100.1 port 21 keep state
pass out keep state
`;

const MACOS = `scrub-anchor "com.apple/*"
nat-anchor "com.apple/*"
rdr-anchor "com.apple/*"
dummynet-anchor "com.apple/*"
anchor "com.apple/*"
load anchor "com.apple" from "/etc/pf.anchors/com.apple"
`;

/** Everything but the proxy's own port goes to a transparent web proxy and to Tor. */
const TOR = `set skip on lo
anchor "ftp-proxy/*"
pass in quick on em1 inet proto tcp to any rdr-to 127.0.0.1 port 9040
pass out on em0
`;

const CASES: readonly [string, string, readonly string[], LintOptions?][] = [
  ["groups inside, an uplink that only plain rules name", VLANS, []],
  [
    "the same on its own machine",
    VLANS,
    [],
    {
      interfaces: [
        { name: "vio0", groups: ["egress"], addresses: [address("203.0.113.5/24")] },
        { name: "vio1", groups: ["dmz"], addresses: [address("172.16.3.1/24")] },
        { name: "vio2", groups: ["lan"], addresses: [address("172.16.4.1/24")] },
      ],
    },
  ],
  ["two reverse proxies", TWO_REVERSE, []],
  ["the second of two reverse proxies", TWO_REVERSE, [], { reverse: true, port: 8022 }],
  ["jails as clients, on lo1", JAILS, [], classic],
  ["a table of users that is filled at run time", USERS, ["5 table-at-run-time (remark)"]],
  ["an anchor after NAT, where all else passes", NAT_FIRST, ["3 anchor-after-nat (remark)"]],
  [
    "files, hosts, services, users of the firewall's",
    ELSEWHERE,
    [1, 4, 6, 7, 7, 7].map((line) => `${line} not-on-this-machine (remark)`),
  ],
  ["a diversion of DNS", DNS, ["2 anchor-missing", "4 divert-missing"]],
  ["a match rule that redirects to the proxy", MATCH_RDR, ["3 redirected-not-diverted"]],
  ["a reverse redirection that the filter blocks", NO_PASS, ["4 rdr-without-pass"]],
  [
    "macOS's own rules",
    MACOS,
    [
      "1 not-known (remark)",
      "2 nat-anchor-missing",
      "2 rdr-anchor-missing",
      "3 divert-missing",
      "4 not-known (remark)",
      "5 anchor-missing",
    ],
  ],
  ["a redirection of all TCP to another daemon", TOR, ["3 divert-missing"]],
];

describe("lint of", () => {
  test.each(CASES)("%s", (_, text, expected, options = {}) => {
    const found = lint(text, options).findings;
    expect(found.map(({ check, line, remark }) => `${line} ${check}${remark ? " (remark)" : ""}`)).toEqual(expected);
  });

  test("a text whose macros never end says at once that pfctl gives it up", () => {
    const lines = Array.from({ length: 29 }, (_, index) => `a${index + 1}=${`$a${index} `.repeat(4)}`);
    const { findings, analysis } = lint(`a0="xxxxxxxxxx"\n${lines.join("\n")}\npass from $a29\n`, {});
    expect(analysis.parsed.accepted).toBe(false);
    expect(findings.map(({ check }) => check)).toContain("refused");
  });
});

describe("a correction", () => {
  test.each([
    ...CASES.map(([name, text, , options = {}]) => [name, text, options] as const),
    ...MISTAKES.map(({ name, text, options = {} }) => [name, text(), options] as const),
  ])("keeps its promise, and every error that FTP hangs on has one: %s", (_, text, options) => {
    const before = lint(text, options);
    const { machine, release, reverse, port } = before.analysis;
    for (const finding of before.findings.filter(({ correction }) => correction.lines.length > 0)) {
      const judge = (other: string) => lint(other, { ...options, machine, release, reverse, port });
      expect(keepsPromise(before, finding, judge)).toBe(true);
      expect(judge(corrected(before.analysis, finding.correction)).analysis.errors.length).toBeLessThanOrEqual(
        before.analysis.errors.length,
      );
    }
    const bare = before.findings.filter(({ remark, correction }) => remark !== true && correction.lines.length === 0);
    expect(bare.map(({ check }) => check)).toEqual([]);
  });

  test("of DNS's diversion leaves it as it is", () => {
    const { findings, analysis } = lint(DNS, {});
    for (const { correction } of findings) {
      expect(corrected(analysis, correction)).toContain("divert-to 10.1.0.1 port domain");
    }
    expect(isFit({ findings, analysis })).toBe(false);
  });
});
