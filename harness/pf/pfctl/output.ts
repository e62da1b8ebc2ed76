/**
 * The output of pfctl, and its exit status. An error sets the status, a warning does not; -q silences `say` only.
 *
 * @example
 * output.error("pfctl: Anchor does not exist"); // status 1
 */

export interface CommandResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number;
}

export class Output {
  #stdout = "";
  #stderr = "";
  status = 0;
  readonly #quiet: boolean;

  constructor(quiet = false) {
    this.#quiet = quiet;
  }

  lines(lines: readonly string[]): void {
    for (const line of lines) this.#stdout += `${line}\n`;
  }

  /** On stderr, unless -q. */
  say(text: string): void {
    if (!this.#quiet) this.#stderr += `${text}\n`;
  }

  error(text: string, status = 1): void {
    this.#stderr += text.endsWith("\n") ? text : `${text}\n`;
    this.status = status;
  }

  /** A warning: the command goes on. */
  warn(text: string): void {
    this.#stderr += `${text}\n`;
  }

  result(): CommandResult {
    return { stdout: this.#stdout, stderr: this.#stderr, status: this.status };
  }
}
