/** The checks notice mistakes: the Perl agent, each time with one of them. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { AGENT_SCRIPT, startAgent } from "../runner/pipe.ts";
import { checks, ENDING, runChecks } from "./run-checks.ts";

const AGENT = readFileSync(AGENT_SCRIPT, "utf8");
const missing = spawnSync("perl", ["-v"]).error === undefined ? "" : ": not run, no perl on this machine";
const folder = mkdtempSync(join(tmpdir(), "anchorage-check-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Mistake {
  readonly mistake: string;
  readonly right: string;
  readonly wrong: string;
  /** The check that notices it, and by which words. */
  readonly title: string;
  readonly detail: string;
}

const MISTAKES: readonly Mistake[] = [
  {
    mistake: "CLOSED comes twice",
    right: "    tell_closed($object->{id}, $code, defined $message ? $message : '');\n",
    wrong: "    tell_closed($object->{id}, $code, '') for 1, 2;\n",
    title: "RESET is an RST: the other end is closed with ECONNRESET",
    detail: "(CONNECT), which had its CLOSED",
  },
  {
    mistake: "standard error is never closed",
    right: "    closed($object->{errors});\n",
    wrong: "",
    title: "a program's output and errors come apart, with its exit status",
    detail: "(standard error)",
  },
  {
    mistake: "SWEEP is answered before it is done",
    right: "    drop($_) for my @all = values %objects;\n    tell_closed($id, '', '');\n",
    wrong: "    tell_closed($id, '', '');\n    drop($_) for my @all = values %objects;\n",
    title: "SWEEP resets connections and stops listeners",
    detail: "no CLOSED before SWEEP's for id",
  },
  {
    mistake: "more is sent than there is credit for",
    right: "if ($object->{credit} > 0 || $object->{deaf}) {",
    wrong: "if ($object->{credit} = 65_536) {",
    title: "without credit from the runner the agent sends nothing, and reads no more of the socket",
    detail: "bytes more than there was credit for",
  },
  {
    mistake: "programs start with the agent's signals",
    right: "$SIG{$_} = 'DEFAULT' for qw(PIPE INT HUP TERM);",
    wrong: "",
    title: "a program that writes to a closed pipe ends by SIGPIPE, as from a shell",
    detail: "expected 141, got 0",
  },
  {
    mistake: "its messages for people go to the line",
    right: "my $pid = fork;\n",
    wrong: "my $pid = fork; $out .= qq(debug: spawn\\n) if $pid;\n",
    title: "a program's output and errors come apart, with its exit status",
    detail: 'in its place came "debug: spawn',
  },
  {
    mistake: "its programs outlive it",
    right: "kill 'KILL', -$object->{pid}, $object->{pid};\n    end_stream($object);",
    wrong:
      "return leave_it($object) unless $input_open; kill 'KILL', -$object->{pid}; sub leave_it {}\n    end_stream($object);",
    title: ENDING,
    detail: "the program goes on: process",
  },
];

describe.skipIf(missing !== "")(`a mistake in an agent is noticed and named${missing}`, () => {
  test.each(MISTAKES)("$mistake", async ({ mistake, right, wrong, title, detail }) => {
    expect(AGENT.split(right), "the right line is there once").toHaveLength(2);
    const file = join(folder, `${mistake.replace(/\W/g, "-")}.pl`);
    writeFileSync(
      file,
      AGENT.replace(right, () => wrong),
    );
    const results = [];
    const concerned = checks.filter((check) => check.title === title);
    for await (const one of runChecks(() => startAgent("perl", [file]), concerned)) results.push(one);
    const noticed = results.find((one) => one.title === title);
    expect(noticed).toMatchObject({ result: "failed", detail: expect.stringContaining(detail) });
    const pid = /process (\d+)$/.exec(noticed?.detail ?? "")?.[1];
    if (pid !== undefined) process.kill(-Number(pid), "SIGKILL");
  });
});
