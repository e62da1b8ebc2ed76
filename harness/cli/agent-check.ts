/** `anchorage agent-check CMD`: tests an agent against docs/agent-protocol.md. */

import { Command } from "commander";
import { colorsFor } from "../../reports/terminal/output.ts";
import { runChecks } from "../agent/check/run-checks.ts";
import { ProtocolError } from "../agent/frame.ts";
import { startAgent } from "../agent/pipe.ts";

export const agentCheckCommand = (finish: (status: number) => void): Command =>
  new Command("agent-check")
    .description("test an agent of your own against docs/agent-protocol.md")
    .argument("<command>", "what starts it, as you would type it to a shell: 'ssh fw perl agent.pl'")
    .action(async (command: string) => {
      const colors = colorsFor(process.stdout, process.env);
      let failed = 0;
      let total = 0;
      try {
        for await (const { title, result, detail } of runChecks(() => startAgent("sh", ["-c", command]))) {
          total++;
          if (result === "failed") failed++;
          const word = { passed: colors.green("passed"), failed: colors.red("FAILED"), "does-not-apply": "not said" };
          console.log(`${word[result]}  ${title}${detail === undefined ? "" : `\n        ${detail}`}`);
        }
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        console.error(`anchorage: ${error.message}`);
        finish(1);
        return;
      }
      console.log(failed === 0 ? `${total} of ${total}` : `${failed} of ${total} failed`);
      finish(failed === 0 ? 0 : 1);
    });
