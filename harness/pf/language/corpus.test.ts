/**
 * The language against what pfctl of OpenBSD 7.8 said: our own 300 random files (in fixtures/), and OpenBSD's
 * regression files where a checkout of the corpus stands beside the repository.
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it, test } from "vitest";
import { checkRuleset } from "./check.ts";
import { judgeMachine } from "./fixtures/judge-machine.ts";

interface Case {
  readonly id: string;
  readonly text: string;
  readonly accepted: boolean;
  /** stdout of `pfctl -o none -nvf -`; of refused files stderr follows. */
  readonly output: string;
}

/** Keys that pfctl draws at random, and a last newline, do not count. */
const comparable = (text: string) => text.replace(/source-hash 0x[0-9a-f]{32}/g, "source-hash KEY").trimEnd();

const cases: readonly Case[] = JSON.parse(
  gunzipSync(readFileSync(new URL("./fixtures/pfctl-7.8.json.gz", import.meta.url))).toString(),
);

describe(`${cases.length} random files, judged by pfctl of OpenBSD 7.8`, () => {
  it.each(cases)("$id reads as there, accepted: $accepted", ({ text, accepted, output }) => {
    const ours = checkRuleset(text, { interfaces: judgeMachine });
    expect(comparable(ours.stdout + (accepted ? "" : ours.stderr))).toBe(comparable(output));
    expect(ours.status).toBe(accepted ? 0 : 1);
  });
});

const corpus = new URL("../../../../shared/corpus/pfctl/", import.meta.url);
const present = existsSync(corpus);
const read = (name: string) => readFileSync(new URL(name, corpus), "utf8");
/** pf112 and pf113 load files that the corpus does not have. */
const names = present
  ? readdirSync(corpus)
      .filter((name) => name.endsWith(".in") && !name.includes("include"))
      .map((name) => name.slice(0, -3))
      .filter((name) => name !== "pf112" && name !== "pf113")
  : [];

describe("OpenBSD's own regression files for pfctl", () => {
  const title = present ? `all ${names.length} agree` : "(absent: no ../shared/corpus/pfctl beside the repository)";
  test.skipIf(!present)(title, () => {
    const differing = names.filter((name) => {
      const wanted = existsSync(new URL(`${name}.ok`, corpus)) ? read(`${name}.ok`) : undefined;
      const options = existsSync(new URL(`${name}.opts`, corpus)) ? read(`${name}.opts`) : "";
      const defines = Object.fromEntries(
        [...options.matchAll(/-D\s*(\w+)=(\S+)/g)].map(([, key, value]) => [key, value]),
      );
      const readFile = (path: string): string | undefined => {
        if (path === "/dev/null") return "";
        const file = new URL(path, corpus);
        return existsSync(file) ? readFileSync(file, "utf8") : undefined;
      };
      const ours = checkRuleset(read(`${name}.in`), { interfaces: judgeMachine, defines, readFile });
      // pfail14 is accepted since dynamic source addresses may be negated.
      const refused = name.startsWith("pfail") && name !== "pfail14";
      const said = refused ? ours.stderr + ours.stdout : ours.stdout;
      return ours.status === (refused ? 0 : 1) || (wanted !== undefined && comparable(said) !== comparable(wanted));
    });
    expect(differing).toEqual([]);
  });
});
