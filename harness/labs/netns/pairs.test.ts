/** Quirks meet real programs on a real kernel: each pair gets an answer, by the harness, and one line repeats it. */

import { describe, expect, test } from "vitest";
import type { PlayResult } from "../../../reports/model.ts";
import { readResults } from "../../../reports/results.ts";
import { anchorage, ROOT } from "../../../test/anchorage.ts";
import netns from "../netns.ts";

const missing = await netns.unavailable();
const WHERE = ["--lab", "netns", "--family", "inet", "--side", "forward", "--no-report", "--json"];

async function plays(...args: readonly string[]): Promise<readonly PlayResult[]> {
  const { stdout, stderr } = await anchorage(["run", ...WHERE, ...args], { cwd: ROOT });
  if (stdout === "") throw new Error(stderr);
  return readResults(stdout, "results.json").plays;
}

const answers = (all: readonly PlayResult[]) =>
  Object.fromEntries(
    all.map(({ scenario, subject, service, reason }) => {
      const broken = service?.verdict === "fails" ? ` at ${service.where} by ${service.by}` : "";
      return [`${scenario.id} ${subject}`, service === undefined ? reason : `${service.verdict}${broken}`];
    }),
  );

describe.skipIf(missing !== undefined)(`pairs${missing === undefined ? "" : `: not run, ${missing}`}`, () => {
  test("curl meets quirky servers, with the core and without a proxy", async (context) => {
    const servers = ["quirk:plain", "quirk:banner-no-code-http", "quirk:many-continuation-lines"];
    const all = await plays(
      "--client",
      "curl",
      "--mode",
      "passive",
      "--server",
      ...servers,
      "--subject",
      "core",
      "none",
    );
    if (all.some(({ reason = "" }) => reason.includes("is not installed"))) context.skip("curl is not installed");
    expect(answers(all)).toMatchObject({
      "programs/curl/plain-passive core": "works",
      "programs/curl/plain-passive none": "fails at data connection by firewall",
      "programs/curl/many-continuation-lines-passive core": "works",
      "programs/curl/many-continuation-lines-passive none": "fails at data connection by firewall",
    });
    expect(all.filter(({ service }) => service === undefined)).toEqual([]);
    for (const { repeat } of all) expect(repeat).toContain("--client curl --server quirk:");
    // Nothing waits for an answer that the firewall has dropped longer than a program takes to give up.
    for (const { lastedMs, subject } of all) if (subject === "none") expect(lastedMs).toBeLessThan(20_000);
  }, 120_000);

  test("a quirky client meets vsftpd", async (context) => {
    const all = await plays("--client", "quirk:byte-at-a-time", "--server", "vsftpd", "--subject", "core", "none");
    if (all.some(({ reason = "" }) => reason.includes("is not installed"))) context.skip("vsftpd is not installed");
    expect(answers(all)).toMatchObject({ "programs/byte-at-a-time/vsftpd core": "works" });
    expect(all.map(({ service }) => service?.verdict)).toEqual(["works", "fails"]);
  }, 120_000);
});
