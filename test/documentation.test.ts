/**
 * Documentation and sources lead somewhere: captures and pages that a scenario, a comment or a page names
 * exist, links reach their page and heading, and pages stay short.
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { OWN_CAPTURES, readCaptures } from "../harness/tools/replay/captures/capture-archive.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const FOLDERS = ["bench", "bin", "docs", "harness", "proxy", "reports", "scenarios", "test", "vm"];
const TEXT = /\.(ts|mjs|md|pl|sh|conf|rb|json|yml|css)$/;

const below = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && TEXT.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length))
    .filter((path) => !/node_modules|^reports\/out\//.test(path));

const paths = [
  ...FOLDERS.flatMap(below),
  ...readdirSync(ROOT).filter((name) => TEXT.test(name) && name !== "package-lock.json"),
];
const texts = new Map(paths.map((path) => [path, readFileSync(join(ROOT, path), "utf8")]));
const pages = paths.filter((path) => path.endsWith(".md"));
const captures = [...(await readCaptures(OWN_CAPTURES)).keys()];

/** `path: found` for each match of a pattern that is not right. */
function wrong(pattern: RegExp, isRight: (found: string, path: string) => boolean, among = paths): string[] {
  return among.flatMap((path) =>
    [...(texts.get(path) ?? "").matchAll(pattern)]
      .map((match) => match[1] ?? match[0])
      .filter((found) => !isRight(found, path))
      .map((found) => `${path}: ${found}`),
  );
}

describe("sources", () => {
  test("each capture that is named exists; a trailing * stands for several", () => {
    const known = (name: string): boolean =>
      name.endsWith("*") ? captures.some((one) => one.startsWith(name.slice(0, -1))) : captures.includes(name);
    const named = /captures\/(?:native|openbsd-7\.8|quirks)\/(?:[\w.-]+\.(?:txt|conf)|[\w.-]+\*)/g;
    expect(wrong(named, known)).toEqual([]);
  });

  test("each page of docs/ that code or a page names exists", () => {
    expect(wrong(/(?<![\w/.])docs\/[\w./-]+\.\w+/g, (name) => existsSync(join(ROOT, name)))).toEqual([]);
  });

  test("each path of the code that a page names exists", () => {
    const named = /`((?:bench|bin|harness|proxy|reports|scenarios|test|vm)\/[\w./-]+)`/g;
    const made = ["vm/pf/ERA/", "vm/box/keys/"];
    const isMade = (path: string): boolean => made.includes(path) || path.startsWith("reports/out");
    expect(wrong(named, (path) => isMade(path) || existsSync(join(ROOT, path)), pages)).toEqual([]);
  });

  test("nothing refers to pages that a reader does not have", () => {
    const lost = /\.\.\/shared\b|\bDESIGN\b|\bSKETCHES\.md\b|\bSTYLE\.md\b/g;
    const others = paths.filter((path) => path !== "test/documentation.test.ts");
    expect(wrong(lost, () => false, others)).toEqual([]);
  });
});

const withoutCode = (text: string): string => text.replace(/^```.*?^```/gms, "");

/** Anchors as GitHub makes them of headings. */
const anchorsOf = (path: string): readonly string[] =>
  [...withoutCode(texts.get(path) ?? "").matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .replace(/\]\([^)]*\)/g, "")
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_\- ]/gu, "")
      .replaceAll(" ", "-"),
  );

describe("pages", () => {
  test("each relative link reaches a file and, with #, a heading", () => {
    const reaches = (link: string, from: string): boolean => {
      const [file = "", anchor] = link.split("#");
      const path = file === "" ? from : normalize(join(dirname(from), file)).replace(/\/$/, "");
      if (!existsSync(join(ROOT, path))) return false;
      return anchor === undefined || !path.endsWith(".md") || anchorsOf(path).includes(anchor);
    };
    expect(wrong(/\]\((?!\w+:)([^)\s]+)\)/g, reaches, pages)).toEqual([]);
  });

  test("are under 200 lines, and their lines under 120 characters", () => {
    const long = pages.flatMap((path) => {
      const lines = withoutCode(texts.get(path) ?? "").split("\n");
      const wide = lines
        .filter((line) => line.length > 120 && !line.startsWith("!["))
        .map((line) => `${path}: ${line}`);
      return lines.length > 201 ? [`${path}: ${lines.length} lines`, ...wide] : wide;
    });
    expect(long).toEqual([]);
  });
});
