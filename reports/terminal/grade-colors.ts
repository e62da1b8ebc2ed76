/** The colour of a grade in the terminal; always beside its word or shape. */
import type { Grade } from "../model.ts";
import type { Colors } from "./output.ts";

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
