/**
 * The answer to "did FTP work?" as every report shows it: a shape and a word for each play, ▲ beside it for harm, ! where
 * it is not as expected, ~ where it was so only at a second attempt, and the answer in a sentence.
 *
 *     answerText(answerOf(play)) // "✕!"
 *     serviceInWords(play) // "fails at the 227: the proxy hung up. The user sees: connection closed"
 */
import type { Breaker, Grade, PlayResult, Service } from "./model.ts";
import { visible } from "./text.ts";
import { gradeStyle } from "./wording.ts";

/** A cell that was not played keeps the word of its grade. */
export type AnswerKind = Service["verdict"] | "unknown" | Exclude<Grade, "passed" | "failed">;

export interface Answer {
  readonly kind: AnswerKind;
  readonly harm: boolean;
  /** Not as expected. Without it, `fails` is a known incompatibility. */
  readonly isNew: boolean;
  /** It failed at first, and passed when it was played again. */
  readonly isFlaky: boolean;
}

/** Fails, and is expected to: a known incompatibility. */
export const isKnown = ({ grade, service }: Pick<PlayResult, "grade" | "service">): boolean =>
  grade === "passed" && service?.verdict === "fails";

export interface AnswerStyle {
  readonly kind: AnswerKind;
  readonly word: string;
  /** One character cell. */
  readonly shape: string;
  readonly meaning: string;
}

const ofGrade = (kind: Exclude<Grade, "passed" | "failed">): AnswerStyle => ({ ...gradeStyle(kind), kind });

/** In the order of legends; the worst answer of several is the last of the first four. */
export const answerStyles: readonly AnswerStyle[] = [
  { kind: "works", word: "works", shape: "●", meaning: "all errands were done" },
  { kind: "detour", word: "after a detour", shape: "◐", meaning: "all errands were done, not at the first attempt" },
  { kind: "fails", word: "fails", shape: "✕", meaning: "an errand was not done" },
  { kind: "unknown", word: "unknown", shape: "?", meaning: "played, but the harness could not find out" },
  ofGrade("unsupported"),
  ofGrade("does-not-apply"),
  ofGrade("not-run"),
];

export const harmStyle = { word: "harm", shape: "▲", meaning: "more got in, or stays open, than the rule set lets in" };
export const flakyStyle = { word: "flaky", shape: "~", meaning: "failed at first, and passed when played again" };
export const newStyle = { word: "new", shape: "!", meaning: "not as expected: details are with the failed plays" };

const byKind = new Map(answerStyles.map((style) => [style.kind, style]));
export const answerStyle = (kind: AnswerKind): AnswerStyle => byKind.get(kind)!;

export type Answered = Pick<PlayResult, "grade" | "service" | "harm" | "flaky">;

export function answerOf({ grade, service, harm, flaky }: Answered): Answer {
  const played = grade === "passed" || grade === "failed";
  const kind = played ? (service?.verdict ?? "unknown") : gradeStyle(grade).grade;
  return {
    kind: kind as AnswerKind,
    harm: harm?.verdict === "harm",
    isNew: grade === "failed",
    isFlaky: flaky !== undefined,
  };
}

/** `✕`, `●▲`, `✕!`, `●~`. */
export const answerText = ({ kind, harm, isNew, isFlaky }: Answer): string =>
  [answerStyle(kind), harm && harmStyle, isNew && newStyle, isFlaky && flakyStyle]
    .map((style) => (style ? style.shape : ""))
    .join("");

/** The worst of several plays: a new answer first, then by kind. Undefined of none that was played. */
export function worstOf<Play extends Answered>(plays: readonly Play[]): Play | undefined {
  const weight = (play: Play): number => {
    const { kind, harm, isNew } = answerOf(play);
    if (!["works", "detour", "fails", "unknown"].includes(kind)) return -1;
    return (isNew ? 100 : 0) + answerStyles.findIndex((style) => style.kind === kind) * 2 + (harm ? 1 : 0);
  };
  const [worst] = [...plays].sort((a, b) => weight(b) - weight(a));
  return worst === undefined || weight(worst) < 0 ? undefined : worst;
}

const BREAKERS: Readonly<Record<Breaker, string>> = {
  client: "the client",
  server: "the server",
  proxy: "the proxy",
  firewall: "the firewall",
  translation: "address translation",
  network: "the network",
};
export const breakers = Object.keys(BREAKERS) as Breaker[];
export const breakerWord = (by: Breaker): string => BREAKERS[by];

/** The answer in words; for a cell that was not played the word of its grade, and why. */
export function serviceInWords(play: Pick<PlayResult, "grade" | "service" | "harm" | "reason">): string {
  const { kind } = answerOf(play);
  const { word } = answerStyle(kind);
  const { service, harm, reason } = play;
  if (service === undefined) return reason === undefined ? word : visible(`${word}: ${reason}`);
  const head = kind === "detour" ? "works after a detour" : word;
  const where = service.where === undefined ? "" : ` at ${service.where}`;
  const why = kind === "works" ? "" : `: ${service.reason}`;
  const notice = service.notice === undefined ? "" : `. The user sees: ${service.notice}`;
  const harmed = harm?.verdict === "harm" ? `. Harm: ${harm.found.map(({ detail }) => detail).join("; ")}` : "";
  return visible(`${head}${where}${why}${notice}${harmed}`);
}

/** The legend in one sentence; what is rare only where it occurs: `works ● · after a detour ◐ · fails ✕ · harm ▲`. */
export function legendText(answers: readonly Answer[]): string {
  const [works, detour, fails, ...rare] = answerStyles;
  const found = rare.filter((style) => answers.some(({ kind }) => kind === style.kind));
  const styles = [works!, detour!, fails!, harmStyle, ...found];
  const fresh = answers.some(({ isNew }) => isNew) ? [{ ...newStyle, word: "not as expected" }] : [];
  const flaky = answers.some(({ isFlaky }) => isFlaky) ? [flakyStyle] : [];
  return [...styles, ...fresh, ...flaky].map(({ word, shape }) => `${word} ${shape}`).join(" · ");
}
