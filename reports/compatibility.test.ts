import { expect, test } from "vitest";
import { answered, firewallFails, hostileCopy, passivePlay, sampleRun } from "../test/sample-run.ts";
import { compatibilityOf, countsText, quirksWith } from "./compatibility.ts";
import { expectMarkdown } from "./expect.ts";
import { placesOf, playsInOrder } from "./html/links.ts";
import { letterMarkup, serviceMarkup } from "./html/matrix-markup.ts";
import { junitXml } from "./junit.ts";
import { matrixMarkdown } from "./markdown.ts";
import { matrixOf } from "./matrix.ts";
import type { PlayResult, RunResult } from "./model.ts";
import { compatibilityTable } from "./terminal/compatibility.ts";
import { textWidth } from "./text.ts";

type Answer = Parameters<typeof answered>[1];
const works: Answer = { verdict: "works" };
const proxyFails: Answer = {
  verdict: "fails",
  by: "proxy",
  where: "the 227",
  reason: "the proxy hangs up on the server's 227",
  notice: "connection closed",
};

function played(quirk: string, answer: Answer, more: Partial<PlayResult> = {}): PlayResult {
  const scenario = { ...passivePlay.scenario, id: `passive/${quirk}`, title: `A ${quirk}` };
  const play = { ...passivePlay, scenario, ...more };
  const id = `${scenario.id}@${play.subject},sim,divert-to,${play.family},${play.side}`;
  return answered({ ...play, id }, answer, more);
}

const harm = { verdict: "harm", policy: [], found: [{ name: "intruder-out", detail: "the intruder got in" }] } as const;
const plays = [
  played("pasv", works),
  played("pasv", works, { side: "reverse" }),
  played("pasv", works, { family: "inet6" }),
  played("pasv", firewallFails, { subject: "none" }),
  played("pasv", works, { subject: "none", side: "reverse" }),
  played("bare-227", proxyFails),
  played("bare-227", proxyFails, { side: "reverse" }),
  played("bare-227", { verdict: "detour", reason: "EPSV was refused, PASV taken" }, { family: "inet6" }),
  played("wrong-host", works, { harm }),
  played("surprise", proxyFails, { grade: "failed", reason: "expected works" }),
];
const run: RunResult = { ...sampleRun, plays };

test("address families share a row where their answers are the same, and only there", () => {
  const { columns, categories } = compatibilityOf(plays);
  expect(columns.map(({ subject, side }) => `${subject} ${side}`)).toEqual([
    "core forward",
    "core reverse",
    "none forward",
    "none reverse",
  ]);
  expect(categories[0]?.rows.map(({ scenario, variant }) => [scenario.id, variant])).toEqual([
    ["passive/bare-227", "inet"],
    ["passive/bare-227", "inet6"],
    ["passive/pasv", undefined],
    ["passive/surprise", undefined],
    ["passive/wrong-host", undefined],
  ]);
});

test("every play is behind one cell", () => {
  const cells = compatibilityOf(sampleRun.plays).categories.flatMap(({ rows }) => rows.flatMap((row) => row.cells));
  const ids = cells.flatMap((cell) => cell?.plays.map(({ id }) => id) ?? []);
  expect(ids.sort()).toEqual(sampleRun.plays.map(({ id }) => id).sort());
});

test("a family in which the quirk does not apply has no row for itself", () => {
  const other = { ...played("pasv", works, { family: "inet6" }), grade: "does-not-apply" } as const;
  const [row, ...rest] = compatibilityOf([played("pasv", works), other]).categories[0]!.rows;
  expect([row?.variant, rest]).toEqual([undefined, []]);
});

test("in the terminal: arrows, a shape for each answer, a sentence beside an incompatibility of the proxy", () => {
  const lines = compatibilityTable(plays, { width: 120 }).split("\n");
  expect(lines).toContainEqual(expect.stringMatching(/^ +→ {2}← +→ {2}← +→ forward {2}← reverse$/));
  expect(lines).toContainEqual(
    expect.stringMatching(/^passive\/bare-227, inet +✕ {2}✕ +core: the proxy hangs up on the server's 227$/),
  );
  expect(lines).toContainEqual(expect.stringMatching(/^passive\/bare-227, inet6 +◐$/));
  expect(lines).toContainEqual(expect.stringMatching(/^passive\/pasv +● {2}● +✕ {2}●$/));
  expect(lines).toContainEqual(expect.stringMatching(/^passive\/wrong-host +●▲$/));
  expect(lines).toContainEqual(expect.stringMatching(/^passive\/surprise +✕! .* core, new: the proxy hangs up/));
  expect(lines.at(-3)?.replaceAll(/ {2,}/g, "  ")).toBe(
    "works ● · after a detour ◐ · fails ✕ · harm ▲ · not as expected !  4 quirks: 3 as expected in every cell, 1 new",
  );
  for (const line of compatibilityTable(plays).split("\n")) expect(textWidth(line)).toBeLessThanOrEqual(80);
});

test("a long matrix counts the answers, and keeps the rows that are new", () => {
  const many = [...plays, ...Array.from({ length: 99 }, (_, at) => played(`quirk-${at}`, works))];
  const text = compatibilityTable(many);
  expect(text).toMatch(/^all quirks +core ● 102 {2}◐ 1 {2}✕ 3 {2}▲ 1 +none ● 1 {2}✕ 1$/m);
  expect(text).toMatch(/^passive\/surprise +✕!/m);
  expect(text).not.toContain("quirk-7");
  expect(compatibilityTable(many, { all: true })).toContain("passive/quirk-7");
});

test("a new answer is explained by what broke, or by the finding that is not about service", () => {
  const why = (...findings: PlayResult["findings"]) =>
    compatibilityTable([played("x", proxyFails, { grade: "failed", reason: "2 rules stay", findings })], {
      width: 120,
    });
  expect(why({ kind: "expectation", message: "expected works" })).toContain("core, new: the proxy hangs up");
  expect(why({ kind: "invariant", message: "2 rules stay" })).toContain("core, new: 2 rules stay");
});

test("a filter keeps the quirks that have such an answer, with all their plays", () => {
  const ids = (filter: Parameters<typeof quirksWith>[1]) => [
    ...new Set(quirksWith(plays, filter).map(({ scenario }) => scenario.id)),
  ];
  expect(ids({ service: ["fails"] })).toEqual(["passive/pasv", "passive/bare-227", "passive/surprise"]);
  expect(ids({ service: ["fails"], by: ["proxy"] })).toEqual(["passive/bare-227", "passive/surprise"]);
  expect(ids({ by: ["network"] })).toEqual([]);
});

test("what was not played everywhere is not counted as expected", () => {
  const left = { ...played("pasv", works), grade: "not-run" } as const;
  expect(countsText([left])).toBe("1 quirk: 0 as expected in every cell, 1 not played in some, 0 new");
});

test("a play that passed at a second attempt only is flaky, by that word", () => {
  const flaky = played("pasv", works, { flaky: { attempts: 2, first: "no answer" } });
  const table = compatibilityTable([flaky]);
  expect(table).toMatch(/●~ .*core, flaky: passed at attempt 2; at first: no answer/);
  expect(table).toContain("flaky ~");
  expect(serviceText([flaky])).toMatch(/class="cell works flaky" [^>]*, flaky">works, flaky</);
});

const placesIn = (of: readonly PlayResult[]) => placesOf(playsInOrder(matrixOf(of)));
const serviceText = (of: readonly PlayResult[]): string => serviceMarkup(compatibilityOf(of), placesIn(of)).text;

test("on the page a known incompatibility and a new one look different, and titles say why", () => {
  const text = serviceText(plays);
  expect(text).toMatch(/class="cell fails" [^>]*title="core inet forward: fails at the 227: the proxy hangs up/);
  expect(text).toMatch(/class="cell fails new" [^>]*, not as expected"/);
  expect(text).toMatch(/class="cell works harm" [^>]*Harm: the intruder got in/);
  expect(text).toContain(
    '<td class="rest"><span data-of="core">core: the proxy hangs up on the server&#39;s 227</span></td>',
  );
});

test("a cell of the first view leads to the plays of its families, as the second view numbers them", () => {
  const of = (text: string) => text.match(/data-places="[^"]+"/g)?.map((place) => place.slice(13, -1)) ?? [];
  const numbered = of(letterMarkup(matrixOf(plays), placesIn(plays)).text);
  expect(numbered).toEqual(plays.map((_, at) => String(at)));
  const behind = of(serviceText(plays));
  expect(behind.flatMap((places) => places.split(" ")).sort()).toEqual([...numbered].sort());
  expect(behind.some((places) => places.includes(" "))).toBe(true);
});

test("Markdown has what works first, grades second, and never both words in one table", () => {
  const [first, second] = matrixMarkdown(run).split("### Expectations and letter");
  expect(first).toContain("| passive/bare-227, inet | ✕ | ✕ |  |  | core: the proxy hangs up on the server's 227 |");
  expect(first).toContain("| **✕!** |");
  expect(second).toContain("✅ 9 passed · ❌ 1 failed");
  expect(second).not.toMatch(/works|fails/);
});

test("what to expect of ftp-proxy: grouped by what came of it, each subject in words", () => {
  const text = expectMarkdown(run);
  const headings = [...text.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
  expect(headings).toEqual(["Fails: the proxy breaks it", "Works after a detour", "Works"]);
  expect(text).toContain(
    "- core: fails at the 227: the proxy hangs up on the server's 227. The user sees: connection closed.",
  );
  expect(text).toContain(
    "- none: forward: fails at data connection: pf.conf:4 drops the data connection. The user sees: hangs for 30 s. reverse: works.",
  );
});

test("JUnit has service by name, in properties and in the text of a failure", () => {
  const xml = junitXml(run);
  for (const [name, value] of [
    ["service", "fails"],
    ["service.by", "proxy"],
    ["service.where", "the 227"],
    ["service.notice", "connection closed"],
    ["harm", "intruder-out"],
  ])
    expect(xml).toContain(`<property name="${name}" value="${value}"/>`);
  expect(xml).toMatch(/<failure [^>]*>service: fails at the 227: the proxy hangs up on the server.*connection closed/);
});

test("hostile text in an answer stays text in every report", () => {
  const hostile = hostileCopy(played("pasv", proxyFails, { grade: "failed", harm }));
  const text = compatibilityTable([hostile]) + expectMarkdown({ ...run, plays: [hostile] });
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  expect(expectMarkdown({ ...run, plays: [hostile] }).replaceAll("<!-- -->", "")).not.toContain("<");
  expect(serviceText([hostile])).not.toMatch(/<(script|img)/i);
});
