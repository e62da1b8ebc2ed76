/**
 * One play, opened: whether FTP worked, outcome and expectation, ladder, how to repeat it, and everything the run kept of it.
 * Pure: markup out of a result; the page puts it in place and draws the ladder at the width it has.
 */

import { areAlike } from "../failure-groups.ts";
import { columnParts } from "../matrix.ts";
import type { Errand, Finding, InvariantResult, PlayerInfo, PlayResult, TimelineEvent } from "../model.ts";
import { answerOf, answerStyle, breakerWord, isKnown } from "../service.ts";
import {
  connectionInWords,
  decisiveDrop,
  dropCause,
  dropsOf,
  gotStuck,
  gradeStyle,
  lineReason,
  timeText,
} from "../wording.ts";
import { type Content, type Markup, markup, preformatted } from "./markup.ts";

export function playView(play: PlayResult): Markup {
  const { scenario } = play;
  return markup`<header>
<p class="path">${scenario.category} <span>${columnParts.map((part) => play[part]).join(" · ")}</span></p>
<h2 tabindex="-1">${scenario.title}</h2>
<p class="quirk">${scenario.quirk}</p>
</header>
${serviceSection(play)}
<section class="verdict ${play.grade}">
<p class="grade"><span class="shape ${play.grade}${isKnown(play) ? " known" : ""}"></span> ${gradeStyle(play.grade).word}</p>
<dl>${outcomeTerms(play)}</dl>
</section>
${play.findings.map(findingMarkup)}
${play.players.map(saidMarkup)}
<p class="repeat"><code>${play.repeat}</code> <button type="button" data-copy>Copy</button></p>
${ladderSection(play)}
${invariantsMarkup(play.invariants)}
${playRecord(play)}`;
}

/** Did FTP work? For the person at the client, apart from what was expected. */
function serviceSection(play: PlayResult): Markup | undefined {
  if (play.service === undefined) return undefined;
  const { kind } = answerOf(play);
  return markup`<section class="verdict">
<p class="grade"><span class="shape ${kind}${play.grade === "failed" ? " new" : ""}"></span> ${answerStyle(kind).word}</p>
<dl>${serviceTerms(play)}</dl>
</section>`;
}

export function serviceTerms({ service, harm }: PlayResult): Markup[] {
  if (service === undefined) return [];
  const { by, where, line, reason, notice, errands } = service;
  return [
    ...(by === undefined ? [] : [term("Broken by", `${breakerWord(by)}${where === undefined ? "" : `, at ${where}`}`)]),
    ...(line === undefined ? [] : [term("Line", markup`<code>${line}</code>`)]),
    term("Why", reason),
    ...(notice === undefined ? [] : [term("The user sees", notice)]),
    ...errands.map((errand) => term(errand.what, errandInWords(errand))),
    ...(harm?.found ?? []).map(({ name, detail }) => term("Harm", markup`${detail} <code>${name}</code>`)),
  ];
}

/** `file: failed, 0 of 46890 bytes, after EPSV, PASV: hangs for 30 s`. */
function errandInWords({ name, verdict, bytes, of, negotiation = [], notice }: Errand): string {
  const done = of === undefined ? "" : `, ${bytes ?? 0} of ${of} bytes`;
  const asked = negotiation.length === 0 ? "" : `, after ${negotiation.join(", ")}`;
  const words = `${verdict.replace("-", " ")}${done}${asked}${notice === undefined ? "" : `: ${notice}`}`;
  return name === undefined ? words : `${name}: ${words}`;
}

/** `kept`, or the number of differences; they are among the findings. */
function letterTerm({ letter }: PlayResult): Markup[] {
  if (letter === undefined || letter.verdict === "no-reference") return [];
  const { length } = letter.differences;
  return [term("Letter", letter.verdict === "kept" ? "kept" : `${length} difference${length === 1 ? "" : "s"}`)];
}

function outcomeTerms(play: PlayResult): Markup[] {
  const drop = decisiveDrop(play);
  const met = play.grade === "passed" || play.expected === play.outcome;
  return [
    ...(met
      ? [term("Outcome", markup`${play.outcome}<span class="at">, as expected</span>`)]
      : [term("Expected", play.expected), term("Outcome", play.outcome)]),
    ...letterTerm(play),
    ...(play.reason === undefined || play.reason === play.outcome ? [] : [term("Reason", play.reason)]),
    ...(play.flaky === undefined
      ? []
      : [term("Flaky", `passed at attempt ${play.flaky.attempts}; at first: ${play.flaky.first}`)]),
    ...(drop === undefined
      ? []
      : [
          term(
            "Dropped packet",
            markup`<code>${drop.packet}</code> on ${drop.interface} ${drop.direction} at ${timeText(drop.atMs)}`,
          ),
          term(gotStuck(drop) ? "Lost, since" : "Dropped by", markup`<code>${dropCause(drop)}</code>`),
        ]),
  ];
}

export function findingMarkup(finding: Finding): Markup {
  const at = finding.atMs === undefined ? undefined : markup` <span class="at">at ${timeText(finding.atMs)}</span>`;
  const { expected, actual } = finding;
  const side = (name: string, text: string | undefined, other = ""): Markup | undefined =>
    text === undefined ? undefined : markup`<div><h4>${name}</h4><pre>${differing(text, other)}</pre></div>`;
  const sides = [side("Expected", expected, actual), side("Actual", actual, expected)].filter(
    (each) => each !== undefined,
  );
  return markup`<section class="finding">
<h3><span class="kind">${finding.kind}</span> ${finding.message}${at}</h3>
${sides.length > 0 ? markup`<div class="sides">${sides}</div>` : undefined}</section>
`;
}

/** Words that the other text lacks are marked, if most are the same. */
function differing(text: string, other: string): Content {
  if (!areAlike(text, other)) return text;
  const words = new Set(other.split(/\s+/));
  return text
    .split(/(\s+)/)
    .map((word) => (word.trim() === "" || words.has(word) ? word : markup`<mark>${word}</mark>`));
}

/** The output of a program in a failed play. */
function saidMarkup({ part, name, output }: PlayerInfo): Markup | undefined {
  if (output === undefined) return undefined;
  return markup`<section class="finding"><h3><span class="kind">${part}</span> ${name} said</h3>
<pre>${output.split(/\r?\n/).map(
    (line) => markup`${preformatted(line)}
`,
  )}</pre></section>
`;
}

function ladderSection(play: PlayResult): Markup | undefined {
  if (play.timeline.length === 0) return undefined;
  const kinds = new Set(play.timeline.map((event) => event.kind));
  const toggle = (name: string, word: string): Markup =>
    markup`<label><input type="checkbox" data-ladder="${name}"> ${word}</label>`;
  const toggles = [
    kinds.has("log") ? toggle("log", "log") : undefined,
    kinds.has("step") ? toggle("steps", "steps") : undefined,
    kinds.has("state") ? toggle("states", "states") : undefined,
  ];
  return markup`<section class="ladder" aria-labelledby="ladder-title">
<div class="bar"><h3 id="ladder-title">Ladder</h3><span class="toggles">${toggles}</span></div>
<div class="canvas" tabindex="0" role="group" aria-labelledby="ladder-title"></div>
<p class="key">The bar on the proxy's line: the anchor holds rules. Struck through: what the proxy replaced. A cross: the firewall let nothing through.</p>
</section>`;
}

function invariantsMarkup(invariants: readonly InvariantResult[]): Markup | undefined {
  if (invariants.length === 0) return undefined;
  const words = { held: "held", broken: "broken", "does-not-apply": "does not apply" } as const;
  const shapes = { held: "passed", broken: "failed", "does-not-apply": "does-not-apply" } as const;
  const rows = invariants.map(
    ({ name, title, verdict, detail }) =>
      markup`<tr><td class="word"><span class="shape ${shapes[verdict]}"></span> ${words[verdict]}</td><th scope="row">${title} <code>${name}</code></th><td>${detail}</td></tr>`,
  );
  return markup`<section><h3>What holds in every play</h3><table class="record">${rows}</table></section>`;
}

type Kind = TimelineEvent["kind"];
type EventOf<K extends Kind> = Extract<TimelineEvent, { kind: K }>;

/** Everything the run kept of a play, folded: dialogue, anchor timeline, dropped packets, states, log, pf.conf. */
function playRecord(play: PlayResult): (Markup | undefined)[] {
  const of = <K extends Kind>(kind: K): EventOf<K>[] =>
    play.timeline.filter((event): event is EventOf<K> => event.kind === kind);
  return [
    folded("Dialogue", of("line"), (line) => {
      const { atMs, from, to, text, session, insteadOf, opaque } = line;
      return [
        timeText(atMs),
        markup`${from} → ${to}${session > 1 ? ` #${session}` : ""}`,
        markup`<code${opaque === true ? markup` class="opaque"` : undefined}>${text}</code>${insteadOf === undefined ? undefined : markup`<br>was <s><code>${insteadOf}</code></s>`}${line.why === undefined ? undefined : markup`<br>${lineReason(line)}`}`,
      ];
    }),
    folded("Connections", of("connection"), (event) => {
      const { atMs, from, to, addresses, bytes, sha256 } = event;
      return [
        timeText(atMs),
        connectionInWords(event),
        markup`${from} → ${to} <code>${addresses}</code>${bytes === undefined ? "" : `, ${bytes} bytes`}${sha256 === undefined ? undefined : markup`, sha256 <code>${sha256}</code>`}`,
      ];
    }),
    folded("Anchor timeline", of("anchor"), ({ atMs, anchor, rules }) => [
      timeText(atMs),
      anchor,
      rules.length === 0 ? "empty" : rules.map((rule) => markup`<code class="rule">${rule}</code>`),
    ]),
    folded("Expected by the kernel", of("expectation"), ({ atMs, text }) => [
      timeText(atMs),
      markup`<code class="rule">${text}</code>`,
    ]),
    folded("Dropped packets", dropsOf(play), (drop) => [
      timeText(drop.atMs),
      markup`<code>${drop.packet}</code>`,
      markup`${drop.interface} ${drop.direction}, from ${drop.from}: <code>${dropCause(drop)}</code>`,
    ]),
    folded("What the rule set lets anybody do", play.harm?.policy ?? [], (remark) => [remark]),
    folded("Intruder", of("probe"), ({ atMs, from, to, what, result, reached }) => [
      timeText(atMs),
      markup`${from} → ${to}`,
      markup`${what}: ${result}${reached ? markup` <strong>got in</strong>` : undefined}`,
    ]),
    folded("Steps", of("step"), ({ atMs, who, text, ok }) => [
      timeText(atMs),
      who,
      markup`${text}${ok ? undefined : markup` <strong>did not come about</strong>`}`,
    ]),
    folded("States", of("state"), ({ atMs, event, state, why }) => [
      timeText(atMs),
      why === undefined ? event : `${event}, ${why}`,
      markup`<code>${state}</code>`,
    ]),
    folded("Log", of("log"), ({ atMs, level, text }) => [
      timeText(atMs),
      `level ${level}`,
      markup`<code>${text}</code>`,
    ]),
    pfConfMarkup(play),
    play.kernelRules === undefined ? undefined : fileMarkup("nftables", play.kernelRules),
    aboutMarkup(play),
  ];
}

export function term(name: string, content: Content): Markup {
  return markup`<div><dt>${name}</dt><dd>${content}</dd></div>`;
}

function folded<E>(name: string, events: readonly E[], cells: (event: E) => readonly Content[]): Markup | undefined {
  if (events.length === 0) return undefined;
  const rows = events.map(
    (event) => markup`<tr>${cells(event).map((cell) => markup`<td>${cell}</td>`)}</tr>
`,
  );
  return markup`<details><summary>${name} <span>${events.length}</span></summary><div class="scroller"><table class="record timed">${rows}</table></div></details>`;
}

/** With line numbers; the line whose rule dropped a packet is marked. */
function pfConfMarkup(play: PlayResult): Markup | undefined {
  if (play.pfConf === "") return undefined;
  const dropping = new Set(dropsOf(play).flatMap((drop) => (drop.rule?.path === "pf.conf" ? [drop.rule.line] : [])));
  return fileMarkup("pf.conf", play.pfConf, dropping);
}

function fileMarkup(name: string, text: string, marked: ReadonlySet<number> = new Set()): Markup {
  const lines = text.replace(/\n$/, "").split("\n");
  const items = lines.map((line, index) => {
    const shown = preformatted(line);
    return markup`<li>${marked.has(index + 1) ? markup`<mark title="dropped a packet">${shown}</mark>` : shown}</li>`;
  });
  return markup`<details><summary>${name} <span>${lines.length} lines</span></summary><ol class="file">${items}</ol></details>`;
}

function aboutMarkup(play: PlayResult): Markup {
  const { players, hosts, capture, subjectCommand } = play;
  const code = (text: string): Markup => markup`<code>${text}</code>`;
  const safe = capture !== undefined && /^[\w@,+-][\w@,+./-]*$/.test(capture);
  const terms = [
    term("Play", code(play.id)),
    term("Priority", play.scenario.priority),
    term("Seed", play.seed),
    term("Lasted", `${timeText(play.lastedMs)} on the lab's clock`),
    term("Subject", subjectCommand === undefined ? play.subject : [play.subject, " ", code(subjectCommand)]),
    term("Lab", `${play.lab}, era ${play.era}, ${play.family}, ${play.side}`),
    ...players.map(({ part, name, version, command }) =>
      term(part, [
        version === undefined ? name : `${name} ${version}`,
        ...(command === undefined ? [] : [" ", code(command)]),
      ]),
    ),
    ...hosts.map(({ name, addresses }) => term(`host ${name}`, code(addresses.join(" ")))),
    ...(capture === undefined ? [] : [term("Capture", safe ? markup`<a href="${capture}">${capture}</a>` : capture)]),
    term("Sources", play.scenario.sources.join("; ")),
  ];
  return markup`<details><summary>About this play</summary><dl class="about">${terms}</dl></details>`;
}
