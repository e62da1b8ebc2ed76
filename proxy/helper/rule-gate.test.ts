import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DataPath, type RuleOptions, renderRuleset } from "../session/ruleset.ts";
import { admit } from "./rule-gate.ts";

const passive: DataPath = {
  mode: "passive",
  client: "10.0.0.5",
  original: "198.51.100.7",
  server: "192.168.1.20",
  proxy: "203.0.113.9",
  port: 50_555,
  proxyPort: 49_999,
  fromPort20: false,
};
const dialects: readonly RuleOptions[] = [
  { dialect: "divert-to" },
  { dialect: "rdr-to" },
  { dialect: "rdr-anchor" },
  { dialect: "divert-to", tag: "FTP", queue: "q", log: 2, clientRdomain: 3, rtable: 1 },
];

describe("the gate of the helper", () => {
  it.each(dialects)("lets through what this proxy writes with %o", (options) => {
    for (const mode of ["passive", "active"] as const) {
      for (const fromPort20 of mode === "active" ? [false, true] : [false]) {
        const text = renderRuleset({ ...passive, mode, fromPort20 }, options);
        expect(admit(text, options)).toBe(text);
      }
    }
  });

  const text = renderRuleset(passive, { dialect: "divert-to" });
  it.each([
    ["a third rule", `${text}pass all\n`],
    ["one rule", `${text.split("\n")[0]}\n`],
    ["a network", text.replaceAll("10.0.0.5", "10.0.0.0/8")],
    ["any", text.replaceAll("from 10.0.0.5", "from any")],
    ["a table", text.replaceAll("10.0.0.5", "<all>")],
    ["a host name", text.replaceAll("10.0.0.5", "host.example")],
    ["a low data port", text.replaceAll("50555", "22")],
    ["a low proxy port", text.replaceAll("49999", "25")],
    ["another routing domain", text.replaceAll("rdomain 0", "rdomain 7")],
    ["no state limit", text.replaceAll(" (max 1)", "")],
    ["a route", text.replace("rdr-to", "route-to 192.0.2.1 rdr-to")],
    ["an include", `include "/etc/x"\n${text}`],
    ["a tag nobody asked for", text.replaceAll("rtable", "tag X rtable")],
    ["a file to load", `load anchor "x" from "/etc/pf.conf"\n${text}`],
    ["mixed families", text.replaceAll("203.0.113.9", "2001:db8::9")],
    ["nothing", ""],
  ])("stops %s", (_, wrong) => {
    expect(admit(wrong, { dialect: "divert-to" })).toBeUndefined();
  });

  it("stops every text with one character changed, unless it is again such a rule", () => {
    fc.assert(
      fc.property(
        fc.nat(text.length - 1),
        fc.string({ unit: "binary-ascii", minLength: 1, maxLength: 1 }),
        (at, character) => {
          const changed = text.slice(0, at) + character + text.slice(at + 1);
          const admitted = admit(changed, { dialect: "divert-to" });
          if (admitted !== undefined) expect(admitted.replace(/[\d.]+/g, "N")).toBe(text.replace(/[\d.]+/g, "N"));
        },
      ),
    );
  });
});
