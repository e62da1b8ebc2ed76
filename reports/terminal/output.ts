/**
 * Where terminal reports write to, and whether they may use colour there: never when the output is no terminal,
 * never with NO_COLOR (no-color.org), and never by colour alone.
 *
 *     const paint = colorsFor(process.stdout, process.env);
 */
import picocolors from "picocolors";

/** As much of a tty.WriteStream as reports need. */
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
