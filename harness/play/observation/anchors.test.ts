import { describe, expect, test } from "vitest";
import { asPfctlAccepts, parseAnchors, parseRule, readAnchors } from "./anchors.ts";

/** A pfctl that answers these command lines, and no others. */
const answering = (answers: Readonly<Record<string, string>>) => async (args: readonly string[]) => {
  const stdout = answers[args.join(" ")];
  return stdout === undefined
    ? { status: 1, stdout: "", stderr: "pfctl: Anchor does not exist\n" }
    : { status: 0, stdout, stderr: "" };
};

describe("the anchors of the proxy, read through pfctl", () => {
  test("each session is a block", () => {
    const text = 'anchor "4711.1" all {\n  pass in all\n}\nanchor "4711.2" all {\n}\n';
    expect([...parseAnchors(text)]).toEqual([
      ["4711.1", ["pass in all"]],
      ["4711.2", []],
    ]);
  });

  test("with today's pfctl by one question", async () => {
    const pfctl = answering({ "-a ftp-proxy/* -sr": 'anchor "4711.1" all {\n  pass in all\n}\n' });
    expect([...(await readAnchors(pfctl, "divert-to"))]).toEqual([["4711.1", ["pass in all"]]]);
  });

  test("before 4.7 anchor by anchor, translation rules first, ports as numbers", async () => {
    const pfctl = answering({
      "-a ftp-proxy -sA": "  ftp-proxy/4711.1\n  ftp-proxy/4711.2\n",
      "-a ftp-proxy/4711.1 -sn": "rdr inet proto tcp from 10.0.0.5 to 192.0.2.7 port = socks -> 192.0.2.7 port 50555\n",
      "-a ftp-proxy/4711.1 -sr": "pass in quick inet proto tcp from any to any port = 50555 flags S/SA keep state\n",
      "-a ftp-proxy/4711.2 -sr": "",
    });
    expect([...(await readAnchors(pfctl, "rdr-anchor"))]).toEqual([
      [
        "4711.1",
        [
          "rdr inet proto tcp from 10.0.0.5 to 192.0.2.7 port = 1080 -> 192.0.2.7 port 50555",
          "pass in quick inet proto tcp from any to any port = 50555 flags S/SA keep state",
        ],
      ],
      ["4711.2", []],
    ]);
  });

  test("a routing table that FreeBSD's ftp-proxy left at zero is as good as none", async () => {
    const pfctl = answering({
      "-a ftp-proxy -sA": "  ftp-proxy/881.1\n",
      "-a ftp-proxy/881.1 -sn":
        "nat inet proto tcp from 198.51.100.7 to 10.0.0.5 port = 12129 rtable 0 -> 198.51.100.7\n",
      "-a ftp-proxy/881.1 -sr":
        "pass in quick inet proto tcp from 198.51.100.7 to 10.0.0.5 port = 12129 flags S/SA keep state (max 1) rtable 0\n",
    });
    expect((await readAnchors(pfctl, "rdr-anchor")).get("881.1")).toEqual([
      "nat inet proto tcp from 198.51.100.7 to 10.0.0.5 port = 12129 -> 198.51.100.7",
      "pass in quick inet proto tcp from 198.51.100.7 to 10.0.0.5 port = 12129 flags S/SA keep state (max 1)",
    ]);
  });

  test("nothing there is nothing held", async () => {
    expect((await readAnchors(answering({}), "divert-to")).size).toBe(0);
    expect((await readAnchors(answering({}), "rdr-anchor")).size).toBe(0);
  });
});

const ENDS = "on rdomain 0 inet proto tcp from 10.0.0.5 to 198.51.100.7 port = 58960 flags S/SA";
const TO = "rtable 0 rdr-to 198.51.100.7 port 27098";

test("rules of the real ftp-proxy read as those that pfctl accepts: -T leaves keep state on match rules", () => {
  const real = `match in ${ENDS} keep state (max 1) tag ftptag ${TO}`;
  expect(asPfctlAccepts(real)).toBe(`match in ${ENDS} tag ftptag ${TO}`);
  expect(parseRule(real, "divert-to")).toMatchObject({ kind: "filter", action: "match" });
  const pass = `pass in quick ${ENDS} keep state (max 1) ${TO}`;
  expect(asPfctlAccepts(pass)).toBe(pass);
});

test("a queue of the main ruleset may be named in an anchor: -q", () => {
  const rule = parseRule(`pass in quick ${ENDS} set (queue ftpq) keep state (max 1) ${TO}`, "divert-to");
  expect(rule).toMatchObject({ kind: "filter", action: "pass", stateOptions: { max: 1 } });
});

test("text that pf.conf(5) does not know is not a rule", () => {
  expect(parseRule("pass sideways from any to any", "divert-to")).toBeUndefined();
});
