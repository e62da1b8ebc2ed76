/**
 * `anchorage pfctl …`: pfctl's own options for what needs no kernel, answered as OpenBSD 7.8's pfctl answers: standard
 * output, standard error, exit status. Without -n rules are loaded into a model that is thrown away.
 *
 * It takes no part in the command line's parsing: all but `--interfaces`, `--json` and `--help` is pfctl's. So it
 * starts without the rest of anchorage.
 *
 * @example
 * // anchorage pfctl -nvf /etc/pf.conf --interfaces ifconfig.txt
 */

import { LOOPBACK } from "../pf/parse-interfaces.ts";
import { parseOptions } from "../pf/pfctl/options.ts";
import { pfctl } from "../pf/pfctl.ts";
import type { Interface } from "../pf/ruleset.ts";
import { UsageError } from "./exit-status.ts";
import { fileReader, readInput, readInterfaces } from "./input.ts";

const HELP = `Usage: anchorage pfctl [pfctl's options] [--interfaces FILE] [--json]

What pfctl of OpenBSD 7.8 would say, without a kernel. Of its options those make sense here that
need none: -n -v -vv -f FILE|- -o none -a ANCHOR -D name=value -N -R. Without -n the rules are
loaded into a model, which lives as long as the command: -f FILE -sr shows nothing of FILE, as
pfctl shows before it loads.

Options of our own:
  --interfaces FILE  the machine's interfaces, as ifconfig -A prints them on OpenBSD, or as JSON
                     (default: lo0 only)
  --json             { "stdout": …, "stderr": …, "status": … }
  --help             this text

Exit status: pfctl's (0 fine, 1 an error), and 2 for wrong use of our own options.
`;

interface Own {
  readonly interfaces: readonly Interface[];
  readonly json: boolean;
  readonly help: boolean;
  readonly rest: readonly string[];
}

/** Returns the exit status. */
export async function pfctlCommand(args: readonly string[]): Promise<number> {
  const own = ownOptions(args);
  if (own.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const { interfaces, rest } = own;
  const { needsModel, stdin } = needs(rest);
  const firewall = needsModel ? await model(interfaces) : undefined;
  const beside = rest[rest.indexOf("-f") + 1] ?? ".";
  const result = pfctl(rest, {
    interfaces,
    stdin: stdin ? readInput("-") : "",
    readFile: fileReader(beside),
    ...(firewall && { firewall }),
  });
  if (own.json) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  else {
    process.stderr.write(result.stderr, "latin1");
    process.stdout.write(result.stdout, "latin1");
  }
  return result.status;
}

/** For who starts it without the rest of the command line: wrong use and faults are told here. */
export async function pfctlMain(args: readonly string[]): Promise<number> {
  try {
    return await pfctlCommand(args);
  } catch (error) {
    console.error(`anchorage: ${error instanceof Error ? error.message : String(error)}`);
    if (process.env.ANCHORAGE_DEBUG !== undefined) console.error(error);
    return error instanceof UsageError ? 2 : 1;
  }
}

function ownOptions(args: readonly string[]): Own {
  const rest: string[] = [];
  let interfaces: readonly Interface[] = [LOOPBACK];
  let json = false;
  let help = false;
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] as string;
    const [name, value] = arg.split(/=(.*)/s);
    if (name === "--interfaces") {
      const file = value ?? args[++index];
      if (file === undefined) throw new UsageError("--interfaces wants a file");
      interfaces = readInterfaces(file) ?? interfaces;
    } else if (arg === "--json") json = true;
    else if (arg === "--help") help = true;
    else if (name?.startsWith("--") && arg.length > 2) throw new UsageError(`pfctl has no option ${name} (--help)`);
    else rest.push(arg);
  }
  return { interfaces, json, help, rest };
}

/** A wrong command line needs nothing: pfctl() says what is wrong with it. */
function needs(args: readonly string[]): { readonly needsModel: boolean; readonly stdin: boolean } {
  try {
    const { noAction, file } = parseOptions(args);
    return { needsModel: !noAction || file === undefined, stdin: file === "-" };
  } catch {
    return { needsModel: false, stdin: false };
  }
}

async function model(interfaces: readonly Interface[]) {
  const { Firewall } = await import("../pf/engine/firewall.ts");
  return new Firewall({ interfaces, now: Date.now, random: (below) => Math.floor(Math.random() * below) });
}
