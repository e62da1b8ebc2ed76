/** What a command writes, and how it ends. */

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

  /** Told on stderr unless -q. */
  say(text: string): void {
    if (!this.#quiet) this.#stderr += `${text}\n`;
  }

  error(text: string, status = 1): void {
    this.#stderr += text.endsWith("\n") ? text : `${text}\n`;
    this.status = status;
  }

  /** A warning: nothing ends because of it. */
  warn(text: string): void {
    this.#stderr += `${text}\n`;
  }

  result(): CommandResult {
    return { stdout: this.#stdout, stderr: this.#stderr, status: this.status };
  }
}
