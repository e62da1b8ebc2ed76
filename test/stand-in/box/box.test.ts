/** The shell that the box is made of is read before anything runs in a machine, where nobody sees its words. */

import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const FOLDER = fileURLToPath(new URL("./", import.meta.url));
const scripts = readdirSync(FOLDER).filter((name) => name.endsWith(".sh"));
const noShellcheck = spawnSync("shellcheck", ["--version"]).status !== 0;

test.each(scripts)("%s is shell", (script) => {
  const { status, stderr } = spawnSync("sh", ["-n", join(FOLDER, script)], { encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
});

test.skipIf(noShellcheck)(`shellcheck finds nothing${noShellcheck ? ": not run, it is not installed" : ""}`, () => {
  const { stdout } = spawnSync("shellcheck", scripts, { cwd: FOLDER, encoding: "utf8" });
  expect(stdout).toBe("");
});
