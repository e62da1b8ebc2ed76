/**
 * The five grades as every report shows them: five words and five shapes, so that no report needs colour.
 *
 *     gradeStyle("unsupported").shape === "◇"
 */
import type { Grade, PlayResult } from "./model.ts";

export interface GradeStyle {
  readonly grade: Grade;
  readonly word: string;
  /** One character cell. */
  readonly shape: string;
  readonly meaning: string;
}

/** In the order of legends and counts. */
export const gradeStyles: readonly GradeStyle[] = [
  { grade: "passed", word: "passed", shape: "●", meaning: "everything held and the end was the expected one" },
  { grade: "failed", word: "failed", shape: "✕", meaning: "something was not as it should be" },
  { grade: "unsupported", word: "unsupported", shape: "◇", meaning: "lab, subject or player cannot do what it needs" },
  { grade: "does-not-apply", word: "does not apply", shape: "–", meaning: "the combination has no meaning" },
  { grade: "not-run", word: "not run", shape: "○", meaning: "chosen, but not played" },
];

const byGrade = new Map(gradeStyles.map((style) => [style.grade, style]));

export function gradeStyle(grade: Grade): GradeStyle {
  const style = byGrade.get(grade);
  if (style === undefined)
    throw new RangeError(`a play has the grade ${JSON.stringify(grade)}, which is none of the five`);
  return style;
}

export type GradeCounts = Readonly<Record<Grade, number>>;

export function countGrades(plays: Iterable<Pick<PlayResult, "grade">>): GradeCounts {
  const counts: Record<Grade, number> = { passed: 0, failed: 0, unsupported: 0, "does-not-apply": 0, "not-run": 0 };
  for (const play of plays) counts[play.grade] += 1;
  return counts;
}

/** `35 passed, 1 failed`: the grades that occur; of no plays at all `no plays`. */
export function countsInWords(counts: GradeCounts): string {
  const parts = gradeStyles
    .filter(({ grade }) => counts[grade] > 0)
    .map(({ grade, word }) => `${counts[grade]} ${word}`);
  return parts.length > 0 ? parts.join(", ") : "no plays";
}
