/**
 * The output of terminal reports: its width and its colours, none if the output is not a terminal or NO_COLOR
 * (no-color.org) is set. Colour only repeats a word or a shape.
 *
 *     const colors = colorsFor(process.stdout, process.env);
 */
import picocolors from "picocolors";
import type { Grade } from "../model.ts";
import type { Answer } from "../service.ts";

/** The part of tty.WriteStream that reports need. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export type Colors = ReturnType<typeof picocolors.createColors>;

export function colorsFor(output: Pick<Output, "isTTY">, env: Readonly<Record<string, string | undefined>>): Colors {
  const wanted = output.isTTY === true && (env.NO_COLOR ?? "") === "" && env.TERM !== "dumb";
  return picocolors.createColors(wanted);
}

export const plainColors: Colors = picocolors.createColors(false);

/** The width to fill: the terminal's, within reason; 80 where there is none. */
export function widthOf(output: Pick<Output, "columns">): number {
  return Math.max(60, Math.min(output.columns ?? 80, 200));
}

export function paintGrade(text: string, grade: Grade, colors: Colors): string {
  switch (grade) {
    case "passed":
      return colors.green(text);
    case "failed":
      return colors.bold(colors.red(text));
    case "unsupported":
      return colors.yellow(text);
    case "does-not-apply":
      return colors.dim(text);
    case "not-run":
      return colors.magenta(text);
  }
}

/** A known incompatibility is muted; what is new stands out. */
export function paintAnswer(text: string, { kind, harm, isNew }: Answer, colors: Colors): string {
  if (isNew) return colors.bold(colors.red(text));
  if (harm) return colors.yellow(text);
  switch (kind) {
    case "works":
    case "detour":
      return colors.green(text);
    case "fails":
    case "does-not-apply":
      return colors.dim(text);
    case "unknown":
    case "unsupported":
      return colors.yellow(text);
    case "not-run":
      return colors.magenta(text);
  }
}
