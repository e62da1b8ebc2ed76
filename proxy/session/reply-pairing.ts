/**
 * Pairs the server's replies with the client's commands (`--match-replies`): RFC 959, 5.4: each
 * command gets one final reply, in order; 1yz replies come before it; a multi-line reply runs from
 * `NNN-` to `NNN `. The greeting belongs to no command.
 *
 * Memory is bounded: commands beyond `longestQueue` unanswered ones are counted, not remembered.
 *
 * @example
 * pairing.command({ verb: "PASV" }); pairing.command(undefined);
 * pairing.reply("227 Entering Passive Mode (198,51,100,9,195,80)\r\n"); // { verb: "PASV" }
 */

import type { Pending } from "./verdict.ts";

/** More commands in flight than any client is known to send. Our own number. */
const longestQueue = 64;

export class ReplyPairing {
  readonly #unanswered: (Pending | undefined)[] = [];
  #uncounted = 0;
  #greeted = false;
  #multiline: string | undefined;

  command(pending: Pending | undefined): void {
    if (this.#unanswered.length < longestQueue) this.#unanswered.push(pending);
    else this.#uncounted++;
  }

  /** The negotiating command that this line is the final reply to, if it is one. */
  reply(line: string): Pending | undefined {
    const code = /^([1-5]\d\d)([ \r\n-])/.exec(line);
    if (this.#multiline !== undefined) {
      if (code?.[1] !== this.#multiline || code[2] === "-") return undefined;
      this.#multiline = undefined;
    } else if (code?.[2] === "-") {
      this.#multiline = code[1];
      return undefined;
    }
    if (code === null || line.startsWith("1")) return undefined;
    if (!this.#greeted) {
      this.#greeted = true;
      return undefined;
    }
    const answered = this.#unanswered.shift();
    if (this.#uncounted > 0) {
      this.#uncounted--;
      this.#unanswered.push(undefined);
    }
    return answered;
  }
}
