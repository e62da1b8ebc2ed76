import { createHash } from "node:crypto";
import { inflateSync } from "node:zlib";
import { beforeAll, expect, test } from "vitest";
import type { PlayResult, RunResult } from "../model.ts";
import { manyPlays } from "../sample/many-plays.ts";
import { sampleRun } from "../sample/sample-run.ts";
import { bundlePage, type PageCode } from "./bundle.ts";
import { pageDocument } from "./page-document.ts";
import { partOf } from "./parts.ts";

let code: PageCode;
let page: string;
beforeAll(async () => {
  code = await bundlePage();
  page = pageDocument(sampleRun, code);
});

const cellOf = (html: string, id: string): string =>
  html.split("<a ").find((text) => text.includes(`href="#${id}"`)) ?? "";

test("the cell of a failed play names the rule that dropped the packet", () => {
  const cell = cellOf(page, "active/port@core,sim,inet,forward");
  expect(cell).toContain("dropped by pf.conf:4: block drop log all");
  expect(cell).toMatch(/>failed<\/a>/);
});

test("each of the five grades has its word in the legend and its shape in the style", () => {
  for (const word of ["passed", "failed", "unsupported", "does not apply", "not run"])
    expect(page).toMatch(new RegExp(`data-grade="${word.replaceAll(" ", "-")}"[^>]*>.*</span>${word} <b>`));
  for (const grade of ["passed", "failed", "unsupported", "does-not-apply", "not-run"])
    expect(code.style).toContain(`.shape.${grade}`);
});

test("the page loads nothing from anywhere", () => {
  expect(page).not.toMatch(/<(link|iframe|object|embed|base)\b/i);
  expect(page).not.toMatch(/<(script|img)[^>]*\ssrc=/i);
  expect(code.style).not.toMatch(/url\(|@import/);
  expect(code.script).not.toMatch(/\bfetch\(|XMLHttpRequest|import\(/);
});

test("its policy allows exactly its own script and style", () => {
  const digest = (text: string) => `sha256-${createHash("sha256").update(text).digest("base64")}`;
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1]?.replaceAll("&#39;", "'");
  const script = /<script>([\s\S]*?)<\/script>/.exec(page)?.[1] ?? "";
  const style = /<style>([\s\S]*?)<\/style>/.exec(page)?.[1] ?? "";
  expect(policy).toBe(
    `default-src 'none'; script-src '${digest(script)}'; style-src '${digest(style)}'; base-uri 'none'; form-action 'none'`,
  );
});

test("hostile text opens no element: there are only our script elements", () => {
  const openings = page.match(/<script[^>]*>/g) ?? [];
  expect(openings).toEqual(['<script type="text/plain" id="plays-0">', "<script>"]);
  expect(page.match(/<\/script>/g)).toHaveLength(2);
  expect(page).not.toContain("<img");
});

/** As the page does: by the place in the cell, out of its part. */
function playBehind(html: string, id: string): PlayResult {
  const place = Number(/data-place="(\d+)"/.exec(cellOf(html, id))?.[1]);
  const { part, index } = partOf(place);
  const base64 = new RegExp(`id="plays-${part}">([^<]*)<`).exec(html)?.[1] ?? "";
  return JSON.parse(inflateSync(Buffer.from(base64, "base64")).toString())[index];
}

test("behind each cell is its own play, whole", () => {
  for (const play of sampleRun.plays) expect(playBehind(page, play.id)).toEqual(play);
});

test("2000 plays stay under 1.5 MB, and each cell still leads to its own play", () => {
  const run: RunResult = manyPlays(2000);
  const html = pageDocument(run, code);
  expect(html.length).toBeLessThan(1_500_000);
  for (const index of [0, 39, 40, 777, 1999]) {
    const play = run.plays[index]!;
    expect(playBehind(html, play.id)).toEqual(play);
  }
});
