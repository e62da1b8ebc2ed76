/**
 * Live progress of a run: on a terminal one line, rewritten as plays end, with the failures above it;
 * elsewhere (a log, a pipe) one plain line for each play of a short run, and four lines of a long one. It needs no
 * clock: it moves when plays do.
 *
 *     const progress = new Progress(process.stderr, plays.length, colors);
 *     progress.started(id); progress.finished(play); progress.end();
 */

import type { Grade, PlayResult } from "../model.ts";
import { cutText, padText, visible } from "../text.ts";
import { countGrades, gradeStyle, gradesIn, playInWords } from "../wording.ts";
import { type Colors, type Output, paintGrade, plainColors, widthOf } from "./output.ts";

const SHORT_RUN = 20;
/** So many failures stay above the live line; the report tells the others. */
const STANDING = 5;

export class Progress {
  readonly #output: Output;
  readonly #total: number;
  readonly #colors: Colors;
  readonly #counts: Record<Grade, number> = { ...countGrades([]) };
  readonly #all: boolean;
  #done = 0;
  #now = "";

  /** `all`: a line for each play, however many; on a terminal every failure stays. */
  constructor(output: Output, total: number, colors: Colors = plainColors, all = total <= SHORT_RUN) {
    this.#all = all;
    this.#output = output;
    this.#total = total;
    this.#colors = colors;
  }

  started(id: string): void {
    this.#now = visible(id);
    this.#redraw();
  }

  finished(play: PlayResult): void {
    this.#done += 1;
    this.#counts[play.grade] += 1;
    if (this.#output.isTTY !== true) {
      if (this.#all) this.#output.write(`${plainLine(play)}\n`);
      else if (Math.floor((4 * this.#done) / this.#total) > Math.floor((4 * (this.#done - 1)) / this.#total)) {
        this.#output.write(`${this.#done} of ${this.#total} plays, ${this.#counts.failed} failed\n`);
      }
      return;
    }
    if (play.grade === "failed" && (this.#all || this.#counts.failed <= STANDING)) {
      const { shape } = gradeStyle(play.grade);
      const line = cutText(`${shape} ${visible(play.id)}  ${playInWords(play)}`, widthOf(this.#output) - 1);
      this.#output.write(`\r\u001b[2K${paintGrade(line, play.grade, this.#colors)}\n`);
    }
    this.#redraw();
  }

  /** Prints a line that stays and belongs to no play. */
  noted(text: string): void {
    const line = visible(text);
    this.#output.write(this.#output.isTTY === true ? `\r\u001b[2K${line}\n` : `${line}\n`);
    this.#redraw();
  }

  /** Erases the live line. Call nothing afterwards. */
  end(): void {
    if (this.#output.isTTY === true) this.#output.write("\r\u001b[2K");
  }

  #redraw(): void {
    if (this.#output.isTTY !== true) return;
    const width = String(this.#total).length;
    const head = `${String(this.#done).padStart(width)}/${this.#total}`;
    const counts = (colors: Colors): string =>
      [
        head,
        ...gradesIn(this.#counts).map(({ grade, shape, count }) => paintGrade(`${shape} ${count}`, grade, colors)),
      ].join("  ");
    // One column stays free: a full line would wrap on some terminals.
    const now = cutText(this.#now, widthOf(this.#output) - 1 - counts(plainColors).length - 2);
    this.#output.write(`\r\u001b[2K${counts(this.#colors)}  ${this.#colors.dim(now)}`);
  }
}

/** `failed          active/port@core,sim,inet,forward  no answer · dropped by …`; a passed play shows only its id. */
function plainLine(play: PlayResult): string {
  const { word } = gradeStyle(play.grade);
  const why = play.grade === "passed" ? "" : `  ${playInWords(play).slice(word.length + 2)}`;
  return padText(word, 16) + visible(play.id) + why;
}
