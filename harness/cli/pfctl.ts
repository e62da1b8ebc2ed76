/**
 * `anchorage pfctl …`: pfctl's own options for what needs no kernel, answered as OpenBSD 7.8's pfctl answers: standard
 * output, standard error, exit status. Rules are loaded into a model that ends with the command.
 *
 * All options but `--interfaces`, `--era`, `--release`, `--json` and `--help` are pfctl's.
 *
 * @example
 * // anchorage pfctl -nvf /etc/pf.conf --interfaces ifconfig.txt
 */

import { Command } from "commander";
import { Firewall } from "../pf/engine/firewall.ts";
import type { Era } from "../pf/language/eras.ts";
import { defaultRelease, releaseNamed, releaseNames } from "../pf/language/releases.ts";
import { LOOPBACK } from "../pf/parse-interfaces.ts";
import { readsStdin } from "../pf/pfctl/options.ts";
import { pfctl } from "../pf/pfctl.ts";
import type { Interface } from "../pf/ruleset.ts";
import { UsageError } from "./exit-status.ts";
import { fileReader, readInput, readInterfaces } from "./input.ts";
import { ERAS } from "./options.ts";

const HELP = `Usage: anchorage pfctl [pfctl's options] [--interfaces FILE] [--json]

Answers as pfctl of OpenBSD 7.8 does, without a kernel. These of its options are useful here:
-n -v -vv -f FILE|- -o none -a ANCHOR -D name=value -N -R. Without -n the rules are loaded into a
model, which lives as long as the command. pfctl shows before it loads, so -f FILE -sr shows
nothing of FILE.

Options of our own:
  --interfaces FILE  the machine's interfaces, as ifconfig -A prints them on OpenBSD, or as JSON
                     (default: lo0 only)
  --era ERA          divert-to (default), rdr-to or rdr-anchor
  --release RELEASE  that release's pfctl: freebsd@15, freebsd@14, openbsd@4.6 …
  --json             { "stdout": …, "stderr": …, "status": … }
  --help             this text

Exit status: pfctl's (0 fine, 1 an error), and 2 for wrong use of our own options.
`;

interface Own {
  readonly interfaces: readonly Interface[];
  readonly release?: string;
  readonly json: boolean;
  readonly help: boolean;
  readonly rest: readonly string[];
}

/** `pfctl` in `anchorage --help`; commander never parses its options (main.ts). */
export const pfctlListing = (): Command =>
  new Command("pfctl")
    .description("pfctl's own options for what needs no kernel, answered as OpenBSD 7.8's pfctl does")
    .argument("[option...]");

/** Returns the exit status. */
export function pfctlCommand(args: readonly string[]): number {
  const { interfaces, release, json, help, rest } = ownOptions(args);
  if (help) {
    process.stdout.write(HELP);
    return 0;
  }
  const result = pfctl(rest, {
    interfaces,
    firewall: new Firewall({ interfaces, now: Date.now, random: (below) => Math.floor(Math.random() * below) }),
    stdin: readsStdin(rest) ? readInput("-") : "",
    ...(release && { release }),
    readFile: fileReader(rest[rest.indexOf("-f") + 1] ?? "."),
  });
  if (json) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  else {
    process.stderr.write(result.stderr, "latin1");
    process.stdout.write(result.stdout, "latin1");
  }
  return result.status;
}

function ownOptions(args: readonly string[]): Own {
  const rest: string[] = [];
  let interfaces: readonly Interface[] = [LOOPBACK];
  let release: string | undefined;
  let json = false;
  let help = false;
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] as string;
    const [name, value] = arg.split(/=(.*)/s);
    if (name === "--interfaces") {
      const file = value ?? args[++index];
      if (file === undefined) throw new UsageError("--interfaces wants a file");
      interfaces = readInterfaces(file) ?? interfaces;
    } else if (name === "--release" || name === "--era") {
      release = releaseFrom(name, value ?? args[++index] ?? "");
    } else if (arg === "--json") json = true;
    else if (arg === "--help") help = true;
    else if (name?.startsWith("--") && arg.length > 2) throw new UsageError(`pfctl has no option ${name} (--help)`);
    else rest.push(arg);
  }
  return { interfaces, ...(release !== undefined && { release }), json, help, rest };
}

/** An era means its default release. */
function releaseFrom(option: string, text: string): string {
  if (option === "--era" && ERAS.includes(text)) return defaultRelease(text as Era).name;
  if (option === "--release" && releaseNamed(text) !== undefined) return text;
  const known = option === "--era" ? ERAS : releaseNames;
  throw new UsageError(`${option} "${text}" is none of ${known.join(", ")}`);
}
