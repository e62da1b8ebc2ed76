/** `anchorage ftp pf.conf`: would FTP work through this rule set? Exit status 1 if it fails anywhere. */

import { Command } from "commander";
import type { LintOptions } from "../tools/lint/analysis.ts";
import { type Finish, interruptible } from "./exit-status.ts";
import { type FirewallOptions, firewallOf, inputName, readInput } from "./input.ts";
import { addFirewallOptions, addProxyOptions, eraOption, releaseOption } from "./options.ts";

interface Options extends Pick<LintOptions, "era" | "release" | "reverse" | "port" | "tag">, FirewallOptions {
  readonly rc?: string;
  readonly json?: boolean;
}

export const ftpCommand = (finish: Finish): Command =>
  addFirewallOptions(
    addProxyOptions(
      new Command("ftp")
        .description("would FTP work through this pf.conf, with ftp-proxy? Plays active and passive transfers")
        .argument("<file>", "pf.conf, or - for standard input")
        .addOption(eraOption("--era <era>", "PF language of the firewall (default: guessed from the text)"))
        .addOption(releaseOption()),
      "as the rules say",
    ),
  )
    .option("--rc <file>", "rc.conf.local or rc.conf, with the flags of ftpproxy and ftpproxy6")
    .option("--json", "as JSON")
    .action(async (path: string, { json, rc, interfaces, define, root, ...given }: Options) => {
      const { wouldFtpWork } = await import("../tools/ftp/ftp.ts");
      const { ftpJson, ftpReport } = await import("../tools/ftp/report.ts");
      const { flagsIn } = await import("../tools/ftp/proxy-options.ts");
      const file = inputName(path);
      const text = readInput(path);
      const found = await interruptible((signal) =>
        wouldFtpWork(text, {
          ...given,
          file,
          signal,
          ...firewallOf(path, { ...(interfaces && { interfaces }), ...(define && { define }), ...(root && { root }) }),
          ...(rc !== undefined && { flags: flagsIn(readInput(rc)) }),
        }),
      );
      if (json === true) console.log(JSON.stringify(ftpJson(file, found), null, 2));
      else process.stdout.write(ftpReport(file, found), "latin1");
      const { analysis, answers } = found;
      finish(analysis.errors.length > 0 || answers.some(({ verdict }) => verdict === "fails") ? 1 : 0);
    });
