/**
 * `anchorage` as its users call it: a process of its own, its output, its exit status.
 *
 * @example
 * const { status, stderr } = await anchorage(["lint", "-"], { cwd: folder, stdin: "pass quik" });
 */

import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";

export const ROOT = fileURLToPath(new URL("..", import.meta.url));

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function anchorage(
  args: readonly string[],
  {
    cwd,
    stdin = "",
    env = {},
  }: { readonly cwd: string; readonly stdin?: string; readonly env?: Readonly<Record<string, string>> },
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(ROOT, "bin/anchorage.mjs"), ...args], {
      cwd,
      env: { ...process.env, ...env },
    });
    const output = { stdout: "", stderr: "" };
    child.stdout.on("data", (bytes: Buffer) => {
      output.stdout += bytes.toString();
    });
    child.stderr.on("data", (bytes: Buffer) => {
      output.stderr += bytes.toString();
    });
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, ...output }));
    // It may end before it has read.
    child.stdin.on("error", () => {});
    child.stdin.end(stdin);
  });
}

/** It ended with status 2 and words that help: no output, no stack trace. */
export function expectWrongUse({ status, stdout, stderr }: Ended, words: RegExp | string): void {
  expect(stderr).toMatch(words);
  expect(stderr).not.toMatch(/\n\s+at /);
  expect(stdout).toBe("");
  expect(status).toBe(2);
}
