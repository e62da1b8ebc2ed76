import { createHash } from "node:crypto";
import { inflateSync } from "node:zlib";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import {
  answered,
  droppedSynPlay,
  firewallFails,
  hostilePlay,
  manyPlays,
  passivePlay,
  sampleRun,
} from "../../test/sample-run.ts";
import { compareRuns } from "../baseline.ts";
import type { PlayResult, RunResult } from "../model.ts";
import { partOf, playHref, playInHash } from "./addresses.ts";
import { ladderDrawing } from "./ladder-drawing.ts";
import { markup, preformatted } from "./markup.ts";
import { bundlePage, type PageCode } from "./page-code.ts";
import { pageDocument } from "./page-document.ts";
import { playView } from "./play-view.ts";

test("inserted text is escaped, in an element and in an attribute", () => {
  const evil = `"><script>alert('1')</script>\``;
  expect(markup`<a title="${evil}">${evil}</a>`.text).not.toMatch(/<script|"><|'|`/);
});

test("markup inside markup stays markup; lists and undefined are allowed", () => {
  expect(markup`<ul>${[1, 2].map((n) => markup`<li>${n}</li>`)}${undefined}</ul>`.text).toBe(
    "<ul><li>1</li><li>2</li></ul>",
  );
});

test("preformatted text keeps its lines", () => {
  expect(preformatted("a <b>\n\u001bc").text).toBe("a &#60;b&#62;\n\\x1bc");
});

test("no text opens a tag or ends an attribute", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(markup`${text}`.text).not.toMatch(/[<>"'`]/);
    }),
  );
});

test("the address of a play is readable, safe, and leads back to the play", () => {
  expect(playHref("passive/pasv@core,sim,divert-to,inet,forward")).toBe(
    "#passive/pasv@core,sim,divert-to,inet,forward",
  );
  expect(playInHash("#passive%2Fpasv%40core%2Csim%2Cdivert-to%2Cinet%2Cforward")).toBe(
    "passive/pasv@core,sim,divert-to,inet,forward",
  );
  expect(playInHash("")).toBeUndefined();
  expect(playInHash("#%")).toBeUndefined();
  fc.assert(
    fc.property(fc.string({ unit: "binary", minLength: 1 }), (id) => {
      const href = playHref(id);
      expect(href).not.toMatch(/[<>"\s]/);
      expect(playHref(playInHash(href) ?? "")).toBe(href);
    }),
  );
});

let code: PageCode;
let page: string;
beforeAll(async () => {
  code = await bundlePage();
  page = pageDocument(sampleRun, code);
});

/** In the second view, which has a cell for each play. */
const cellOf = (html: string, id: string): string =>
  (/id="view-letter"[\s\S]*?<\/section>/.exec(html)?.[0] ?? "")
    .split("<a ")
    .findLast((text) => text.includes(`href="#${id}"`)) ?? "";

test("the cell of a failed play names the rule that dropped the packet", () => {
  const cell = cellOf(page, "active/port@core,sim,divert-to,inet,forward");
  expect(cell).toContain("dropped by pf.conf:4: block drop log all");
  expect(cell).toMatch(/>failed<\/a>/);
});

test("each of the five grades has its word in the legend and its shape in the style", () => {
  for (const word of ["passed", "failed", "unsupported", "does not apply", "not run"])
    expect(page).toMatch(new RegExp(`data-only="${word.replaceAll(" ", "-")}"[^>]*>.*</span>${word} <b>`));
  for (const grade of ["passed", "failed", "unsupported", "does-not-apply", "not-run"])
    expect(code.style).toMatch(new RegExp(`\\.shape(:is\\()?\\.${grade}\\b`));
});

test("against a baseline the page shows what is new, mended, and another service, each with what it was", () => {
  const works = { verdict: "works", reason: "every errand was done", errands: [] } as const;
  const earlier = sampleRun.plays.map((play): PlayResult => {
    if (play === droppedSynPlay) return { ...play, grade: "passed", service: works };
    return play === passivePlay ? { ...play, grade: "failed", reason: "it hung" } : play;
  });
  const html = pageDocument(sampleRun, code, compareRuns({ ...sampleRun, plays: earlier }, sampleRun));
  const view = read(/id="view-changes"[\s\S]*?<\/noscript>/.exec(html)?.[0] ?? "");
  expect(view).toContain("Regressed against the baseline");
  expect(view).toMatch(/newly failing 1 .*active\/port@core.* was passed; FTP works is failed; FTP fails/);
  expect(view).toMatch(/newly passing 1 .*passive\/pasv@core.* was failed; FTP works \(it hung\) is passed/);
  expect(page).not.toContain("view-changes");
});

test("a play that passes although FTP fails has the shape of a known incompatibility, not a green dot", () => {
  const known = answered(passivePlay, firewallFails);
  const html = pageDocument({ ...sampleRun, plays: [known] }, code);
  expect(cellOf(html, known.id)).toMatch(/^class="cell passed known"/);
  expect(playView(known).text).toContain('<span class="shape passed known">');
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
  expect(openings).toEqual([
    '<script type="text/plain" id="addresses">',
    '<script type="text/plain" id="plays-0">',
    "<script>",
  ]);
  expect(page.match(/<\/script>/g)).toHaveLength(3);
  expect(page).not.toContain("<img");
});

/** Finds a play as the page does: by the place in its cell. */
function playBehind(html: string, id: string): PlayResult {
  const place = Number(/data-places="(\d+)"/.exec(cellOf(html, id))?.[1]);
  const { part, index } = partOf(place);
  const base64 = new RegExp(`id="plays-${part}">([^<]*)<`).exec(html)?.[1] ?? "";
  return JSON.parse(inflateSync(Buffer.from(base64, "base64")).toString())[index];
}

test("behind each cell is its own play, whole", () => {
  for (const play of sampleRun.plays) expect(playBehind(page, play.id)).toEqual(play);
});

test("2000 plays stay under 2 MB, and each cell still leads to its own play", () => {
  const run: RunResult = manyPlays(2000);
  const html = pageDocument(run, code);
  expect(html.length).toBeLessThan(2_000_000);
  for (const index of [0, 39, 40, 777, 1999]) {
    const play = run.plays[index]!;
    expect(playBehind(html, play.id)).toEqual(play);
  }
});

/** The text a reader sees: tags gone, character references resolved. */
const read = (text: string): string =>
  text
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
    .replaceAll(/\s+/g, " ");

test("a failed play shows outcome, expectation, dropped packet, rule, and how to repeat it", () => {
  const text = read(playView(droppedSynPlay).text);
  expect(text).toContain(`Expected ${droppedSynPlay.expected}`);
  expect(text).toContain(`Outcome ${droppedSynPlay.outcome}`);
  expect(text).toMatch(/tcp 198\.51\.100\.7:20 > 198\.51\.100\.1:\d+ S on em0 in at \d\.\d{3}/);
  expect(text).toContain("Dropped by pf.conf:4: block drop log all");
  expect(text).toContain(droppedSynPlay.repeat);
});

test("a play says whether FTP worked, who broke it, and what the user sees", () => {
  const errand = { what: "fetch", name: "file", verdict: "failed", bytes: 0, of: 9, negotiation: ["PORT"] } as const;
  const text = read(playView(answered(droppedSynPlay, { ...firewallFails, errands: [errand] })).text);
  expect(text).toContain("fails Broken by the firewall, at data connection Why pf.conf:4 drops the data connection");
  expect(text).toContain("The user sees hangs for 30 s fetch file: failed, 0 of 9 bytes, after PORT");
});

test("a finding sets expected and actual side by side", () => {
  const { text } = playView(droppedSynPlay);
  expect(text).toMatch(/class="sides"><div><h4>Expected<\/h4><pre>.*<h4>Actual<\/h4><pre>/);
});

test("of a line that differs in some words these are marked, on both sides", () => {
  const finding = {
    kind: "letter",
    message: "the 227",
    expected: "227 Entering (1,2)",
    actual: "227 Entering (1,3)",
  } as const;
  const { text } = playView({ ...droppedSynPlay, findings: [finding], pfConf: "" });
  expect(text.match(/<mark>[^<]*/g)).toEqual(["<mark>(1,2)", "<mark>(1,3)"]);
});

test("the line of pf.conf that dropped a packet is marked, and only that one", () => {
  const marks = [...playView(droppedSynPlay).text.matchAll(/<mark[^>]*>([^<]*)<\/mark>/g)].map(([, line]) => line);
  expect(marks).toEqual(["block log all"]);
});

test("each part of the record has a heading", () => {
  const text = read(playView(passivePlay).text);
  for (const name of ["Ladder", "What holds in every play", "Dialogue", "Connections", "Anchor timeline"])
    expect(text).toContain(name);
  for (const name of ["Intruder", "Steps", "States", "Log", "pf.conf", "About this play"]) expect(text).toContain(name);
});

test("a play that was not played has no ladder and says why", () => {
  const play = sampleRun.plays.find(({ grade }) => grade === "does-not-apply");
  const { text } = playView(play!);
  expect(text).not.toContain("canvas");
  expect(read(text)).toContain("PASV has no form for inet6 (RFC 2428)");
});

test("a capture is linked only where it lies beside the report", () => {
  const linked = (capture: string) => playView({ ...passivePlay, capture }).text.includes("<a href=");
  expect(linked("captures/x.pcapng")).toBe(true);
  expect(linked("javascript:alert(1)")).toBe(false);
  expect(linked("/etc/passwd")).toBe(false);
  expect(linked("//192.0.2.1/x")).toBe(false);
});

test("the drawing has an arrow for a line, a cross for a dropped packet, a bar for open rules", () => {
  const { text } = ladderDrawing(droppedSynPlay, { cells: 160 });
  expect(text).toMatch(/class="point plain"/);
  expect(text).toMatch(/class="cross bad"/);
  expect(text).toMatch(/<rect class="open"/);
  expect(read(text)).toContain("block drop log all");
  expect(ladderDrawing(passivePlay, { cells: 160 }).text).toMatch(/class="arrow thick data"/);
});

test("hostile text brings no element, no attribute and no style into view or drawing", () => {
  const options = { cells: 100, log: true, steps: true, states: true };
  for (const { text } of [playView(hostilePlay), ladderDrawing(hostilePlay, options)]) {
    expect(text).not.toMatch(/<(script|img|b>|a href="javascript)/i);
    expect(text).not.toMatch(/<[^>]*\son\w+=/i);
    expect(text).not.toMatch(/<[^>]*\sstyle=/i);
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  }
});

test("a failed play shows a program's output line by line", () => {
  const client = { part: "client", name: "mine", output: "Traceback:\n  <module>\nfailed" } as const;
  expect(playView({ ...droppedSynPlay, players: [client] }).text).toMatch(
    /mine said<\/h3>\n<pre>Traceback:\n {2}&#60;module&#62;\nfailed\n<\/pre>/,
  );
});
