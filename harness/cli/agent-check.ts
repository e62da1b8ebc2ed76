/** `anchorage agent-check CMD`: tests an agent against docs/agent-protocol.md. */

import { Command } from "commander";
import { colorsFor } from "../../reports/terminal/output.ts";
import { type CheckResult, runChecks } from "../agent/check/run-checks.ts";
import { ProtocolError } from "../agent/protocol/frame.ts";
import { type BytePipe, startAgent } from "../agent/runner/pipe.ts";
import { EXIT, type Finish, interruptible } from "./exit-status.ts";

export const agentCheckCommand = (finish: Finish): Command =>
  new Command("agent-check")
    .description("test your own agent against docs/agent-protocol.md")
    .argument("<command>", "the shell command that starts it: 'ssh fw perl agent.pl'")
    .option("--json", "print the results as JSON")
    .addHelpText(
      "after",
      `
The agent is started twice, one after the other. Every check uses its host's loopback only.
With ANCHORAGE_AGENT='perl agent.pl' the lab netns plays with your agent.`,
    )
    .action(async (command: string, { json = false }: { readonly json?: boolean }) => {
      const colors = colorsFor(process.stdout, process.env);
      const word = { passed: colors.green("passed"), failed: colors.red("FAILED"), "not-tried": "not tried" };
      const results: CheckResult[] = [];
      const status = await interruptible(async (signal) => {
        const start = (): BytePipe => {
          const pipe = startAgent("sh", ["-c", command]);
          // Some agents do not exit when their input ends.
          signal.addEventListener("abort", () => void pipe.close(), { once: true });
          return pipe;
        };
        try {
          for await (const one of runChecks(start)) {
            if (signal.aborted) break;
            results.push(one);
            const detail = one.detail?.replaceAll("\n", "\n        ");
            if (!json)
              console.log(`${word[one.result]}  ${one.title}${detail === undefined ? "" : `\n        ${detail}`}`);
          }
        } catch (error) {
          if (!(error instanceof ProtocolError)) throw error;
          if (signal.aborted) return EXIT.interrupted;
          console.error(`anchorage: ${error.message}`);
          return 1;
        }
        if (json) console.log(JSON.stringify(results, null, 2));
        else console.log(summary(results));
        if (signal.aborted) return EXIT.interrupted;
        return results.some(({ result }) => result === "failed") ? 1 : 0;
      });
      finish(status);
    });

function summary(results: readonly CheckResult[]): string {
  const count = (which: CheckResult["result"]) => results.filter(({ result }) => result === which).length;
  const [failed, notTried] = [count("failed"), count("not-tried")];
  const tried = results.length - notTried;
  const said = failed === 0 ? `${tried} of ${tried}` : `${failed} of ${tried} failed`;
  return notTried === 0 ? said : `${said}, ${notTried} not tried`;
}
