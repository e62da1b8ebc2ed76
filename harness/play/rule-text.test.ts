import { expect, test } from "vitest";
import { asPfctlTakesIt, parseRuleText } from "./rule-text.ts";

const ENDS = "on rdomain 0 inet proto tcp from 10.0.0.5 to 198.51.100.7 port = 58960 flags S/SA";
const TO = "rtable 0 rdr-to 198.51.100.7 port 27098";

test("rules of the real ftp-proxy read as those that pfctl takes: -T leaves keep state on match rules", () => {
  const real = `match in ${ENDS} keep state (max 1) tag ftptag ${TO}`;
  expect(asPfctlTakesIt(real)).toBe(`match in ${ENDS} tag ftptag ${TO}`);
  expect(parseRuleText(real, "divert-to")).toMatchObject({ kind: "filter", action: "match" });
  const pass = `pass in quick ${ENDS} keep state (max 1) ${TO}`;
  expect(asPfctlTakesIt(pass)).toBe(pass);
});

test("a queue of the main ruleset may be named in an anchor: -q", () => {
  const rule = parseRuleText(`pass in quick ${ENDS} set (queue ftpq) keep state (max 1) ${TO}`, "divert-to");
  expect(rule).toMatchObject({ kind: "filter", action: "pass", stateOptions: { max: 1 } });
});

test("what pf.conf(5) does not know is no rule", () => {
  expect(parseRuleText("pass sideways from any to any", "divert-to")).toBeUndefined();
});
