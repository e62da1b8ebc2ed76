/** What the run kept of a play, folded: dialogue, anchor timeline, dropped packets, states, log, pf.conf, who played. */
import type { PlayResult, TimelineEvent } from "../model.ts";
import { dropCause, dropsOf } from "../play-summary.ts";
import { ladderTime } from "../time-text.ts";
import { type Content, type Markup, markup, preformatted } from "./markup.ts";

type Kind = TimelineEvent["kind"];
type EventOf<K extends Kind> = Extract<TimelineEvent, { kind: K }>;

export function playRecord(play: PlayResult): (Markup | undefined)[] {
  const of = <K extends Kind>(kind: K): EventOf<K>[] =>
    play.timeline.filter((event): event is EventOf<K> => event.kind === kind);
  return [
    folded("Dialogue", of("line"), ({ atMs, from, to, text, session, insteadOf, opaque }) => [
      ladderTime(atMs),
      markup`${from} → ${to}${session > 1 ? ` #${session}` : ""}`,
      markup`<code${opaque === true ? markup` class="opaque"` : undefined}>${text}</code>${insteadOf === undefined ? undefined : markup`<br>was <s><code>${insteadOf}</code></s>`}`,
    ]),
    folded("Connections", of("connection"), ({ atMs, channel, from, to, event, addresses, bytes, sha256 }) => [
      ladderTime(atMs),
      `${channel} ${event}`,
      markup`${from} → ${to} <code>${addresses}</code>${bytes === undefined ? "" : `, ${bytes} bytes`}${sha256 === undefined ? undefined : markup`, sha256 <code>${sha256}</code>`}`,
    ]),
    folded("Anchor timeline", of("anchor"), ({ atMs, anchor, rules }) => [
      ladderTime(atMs),
      anchor,
      rules.length === 0 ? "empty" : rules.map((rule) => markup`<code class="rule">${rule}</code>`),
    ]),
    folded("Expected by the kernel", of("expectation"), ({ atMs, text }) => [
      ladderTime(atMs),
      markup`<code class="rule">${text}</code>`,
    ]),
    folded("Dropped packets", dropsOf(play), (drop) => [
      ladderTime(drop.atMs),
      markup`<code>${drop.packet}</code>`,
      markup`${drop.interface} ${drop.direction}, from ${drop.from}: <code>${dropCause(drop)}</code>`,
    ]),
    folded("Intruder", of("probe"), ({ atMs, from, to, what, result, reached }) => [
      ladderTime(atMs),
      markup`${from} → ${to}`,
      markup`${what}: ${result}${reached ? markup` <strong>got in</strong>` : undefined}`,
    ]),
    folded("Steps", of("step"), ({ atMs, who, text, ok }) => [
      ladderTime(atMs),
      who,
      markup`${text}${ok ? undefined : markup` <strong>did not come about</strong>`}`,
    ]),
    folded("States", of("state"), ({ atMs, event, state }) => [ladderTime(atMs), event, markup`<code>${state}</code>`]),
    folded("Log", of("log"), ({ atMs, level, text }) => [
      ladderTime(atMs),
      `level ${level}`,
      markup`<code>${text}</code>`,
    ]),
    pfConfMarkup(play),
    kernelRulesMarkup(play),
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
  const lines = play.pfConf.replace(/\n$/, "").split("\n");
  const items = lines.map((line, index) => {
    const marked = dropping.has(index + 1);
    const text = preformatted(line);
    return markup`<li>${marked ? markup`<mark title="dropped a packet">${text}</mark>` : text}</li>`;
  });
  return markup`<details><summary>pf.conf <span>${lines.length} lines</span></summary><ol class="file">${items}</ol></details>`;
}

function kernelRulesMarkup({ kernelRules }: PlayResult): Markup | undefined {
  if (kernelRules === undefined) return undefined;
  const lines = kernelRules.replace(/\n$/, "").split("\n");
  const items = lines.map((line) => markup`<li>${preformatted(line)}</li>`);
  return markup`<details><summary>nftables <span>${lines.length} lines</span></summary><ol class="file">${items}</ol></details>`;
}

function aboutMarkup(play: PlayResult): Markup {
  const { players, hosts, capture, subjectCommand } = play;
  const code = (text: string): Markup => markup`<code>${text}</code>`;
  const safe = capture !== undefined && /^[\w@,+-][\w@,+./-]*$/.test(capture);
  const terms = [
    term("Play", code(play.id)),
    term("Priority", play.scenario.priority),
    term("Seed", play.seed),
    term("Lasted", `${ladderTime(play.lastedMs)} on the lab's clock`),
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
