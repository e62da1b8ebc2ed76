/** The pf.conf of every era: each loads in its language, and is printed as it will be read again. */

import { readdir, readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import type { Era } from "../harness/contract/lab.ts";
import { interfacesOf, topology } from "../harness/labs/model/topology.ts";
import { pfctl } from "../harness/pf/pfctl.ts";

const FOLDER = new URL("../vm/pf/", import.meta.url);
const ERAS: readonly Era[] = ["divert-to", "rdr-to", "rdr-anchor"];
const VARIANTS = ["forward", "forward-without-proxy", "reverse", "reverse-without-proxy"];
const interfaces = interfacesOf(topology({ seed: 1, side: "forward" }).firewall);

describe.each(ERAS)("the pf.conf of %s", (era) => {
  test("has each of the four plays", async () => {
    expect((await readdir(new URL(`${era}/`, FOLDER))).sort()).toEqual(VARIANTS.map((name) => `${name}.conf`).sort());
  });

  test.each(VARIANTS)("%s loads without a word, and reads back what it prints", async (variant) => {
    const text = await readFile(new URL(`${era}/${variant}.conf`, FOLDER), "utf8");
    const { stdout, stderr, status } = pfctl(["-nvf", "-"], { stdin: text, interfaces, era });
    expect([stderr, status]).toEqual(["", 0]);
    const rules = stdout.replace(/^(\w+ = .*|set .*)\n/gm, "");
    expect(rules).not.toBe("");
    expect(pfctl(["-nvf", "-"], { stdin: rules, interfaces, era }).stdout).toBe(rules);
  });

  test.each(["forward", "reverse"])(
    "%s asks the proxy's anchors before any rule of its own translates",
    async (side) => {
      const text = await readFile(new URL(`${era}/${side}.conf`, FOLDER), "utf8");
      const anchors = era === "rdr-anchor" ? ["nat-anchor", "rdr-anchor", "anchor"] : ["anchor"];
      const places = anchors.map((word) => text.search(new RegExp(`^${word} "ftp-proxy/\\*"$`, "m")));
      expect(places.every((place) => place >= 0)).toBe(true);
      const own = text.search(/^(nat on|rdr pass on|match .* nat-to|pass .* (divert-to|rdr-to))/m);
      if (own >= 0) expect(places[0]).toBeLessThan(own);
    },
  );
});
