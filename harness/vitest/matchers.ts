/**
 * Matchers for results of plays: `expect(result).toWork()`, `.toFail({ by: "proxy" })`, `.toLeaveNothingOpen()`. A failing
 * one prints why it broke, and the piece of the ladder around it.
 */

import { expect } from "vitest";
import type { PlayResult, Service } from "../../reports/model.ts";
import { failureText } from "../../reports/terminal/failures.ts";

/** Parts of a failed service; a text must be equal, a pattern must match. */
export type FailureParts = {
  readonly [Part in "by" | "where" | "line" | "notice" | "reason"]?: Part extends "by"
    ? Service["by"]
    : string | RegExp;
};

/** After a detour it works, too. */
export const doesWork = ({ service }: PlayResult): boolean =>
  service?.verdict === "works" || service?.verdict === "detour";

expect.extend({
  toWork(play: PlayResult) {
    const pass = doesWork(play);
    return { pass, message: () => failureText(play, pass ? "FTP does not work" : "FTP works") };
  },
  toFail(play: PlayResult, parts: FailureParts = {}) {
    const wrong = Object.entries(parts).filter(
      ([part, wanted]) => !fits(play.service?.[part as keyof Service], wanted),
    );
    const pass = play.service?.verdict === "fails" && wrong.length === 0;
    const wanted = Object.entries(parts).map(([part, value]) => `${part} ${String(value)}`);
    const expected = ["FTP fails", ...wanted].join(", ");
    return { pass, message: () => failureText(play, pass ? `not: ${expected}` : expected) };
  },
  toLeaveNothingOpen(play: PlayResult) {
    const { harm } = play;
    const found = harm?.found.map(({ detail }) => detail).join("; ");
    const pass = harm?.verdict === "none";
    const expected = pass ? "something is left open" : `nothing is left open, but ${found ?? "it was not played"}`;
    return { pass, message: () => failureText(play, expected) };
  },
});

function fits(found: unknown, wanted: string | RegExp | undefined): boolean {
  if (wanted instanceof RegExp) return typeof found === "string" && wanted.test(found);
  return wanted === undefined || found === wanted;
}

declare module "vitest" {
  interface Matchers<T> {
    /** FTP worked, at once or after a detour. */
    toWork(): void;
    /** FTP failed; with `parts`, in that way. */
    toFail(parts?: FailureParts): void;
    /** The proxy has opened no more than it must, and nothing is left. */
    toLeaveNothingOpen(): void;
  }
}
