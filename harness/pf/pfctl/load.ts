/**
 * `pfctl -f`: parses a text, shows it with -v, and loads it with its `load anchor`s.
 */

import type { Firewall } from "../engine/firewall.ts";
import type { Era } from "../language/eras.ts";
import { type Parsed, parseRuleset, type Surroundings } from "../language/parse.ts";
import { type PrintOptions, rulesetLines } from "../language/print/print.ts";
import type { Interface } from "../ruleset.ts";
import type { PfctlOptions } from "./options.ts";
import type { Output } from "./output.ts";

export interface LoadSurroundings {
  /** The firewall's by default. */
  readonly interfaces?: readonly Interface[];
  readonly stdin?: string;
  readonly readFile?: (path: string) => string | undefined;
  /** Language of the texts; that of OpenBSD 7.8 by default. */
  readonly era?: Era;
  /** The release whose pfctl this is, such as `freebsd@14`; wins over `era`. */
  readonly release?: string;
  /** Takes what the text names and this machine lacks; without it that is an error. */
  readonly absent?: Surroundings["absent"];
  /** Routing tables that exist; 0 by default. */
  readonly rtables?: readonly number[];
  /** Host names that resolve; `localhost` always does. */
  readonly hosts?: Readonly<Record<string, readonly string[]>>;
  /** 32 random bits, for `source-hash` without a key. */
  readonly random?: () => number;
  /** Number of the process, shown with the rules that it loads. */
  readonly pid?: number;
}

/** pf.os of OpenBSD 7.8. */
const FINGERPRINTS = 714;

export function load(
  firewall: Firewall | undefined,
  options: PfctlOptions,
  anchor: string,
  surroundings: LoadSurroundings,
  output: Output,
): void {
  const { file = "-", noAction, verbose } = options;
  const { interfaces = firewall?.interfaces.list ?? [] } = surroundings;
  const text = file === "-" ? (surroundings.stdin ?? "") : surroundings.readFile?.(file);
  if (text === undefined) {
    output.warn(`pfctl: pushfile: ${file}: No such file or directory`);
    output.error("pfctl: cannot open the main config file!: No such file or directory");
    return;
  }
  const live = noAction ? undefined : firewall;
  // pfctl clears `set skip` before it reads. If it then fails, the next commit applies that.
  if (anchor === "") live?.settings.clearSkipAtCommit();
  if (verbose > 1) output.lines([`Loaded ${FINGERPRINTS} passive OS fingerprints`]);
  const printing: PrintOptions = {
    ...(surroundings.era && { era: surroundings.era }),
    ...(surroundings.release && { release: surroundings.release }),
    ...(noAction && { dryRun: true }),
    // In the era `rdr-anchor` names are the default, and -P asks for numbers.
    ...(options.portNames && { portNames: surroundings.era !== "rdr-anchor" }),
    // Tables have no contents yet.
    ...(verbose > 1 && { count: ({ kind }) => (kind === "dynamic" ? undefined : 0) }),
  };
  const pending: { anchor: string; parsed: Parsed }[] = [];
  const take = (name: string, content: string, label: string, queues: readonly string[], first: number): Parsed => {
    const parsed = parseRuleset(content, {
      interfaces,
      file: label,
      defines: options.defines,
      anchor: name,
      queues,
      firstAutomaticTable: first,
      ...(options.optimization && { optimization: options.optimization === "none" ? "none" : "basic" }),
      ...(surroundings.readFile && { readFile: surroundings.readFile }),
      ...(surroundings.era && { era: surroundings.era }),
      ...(surroundings.release && { release: surroundings.release }),
      ...(surroundings.absent && { absent: surroundings.absent }),
      ...(surroundings.rtables && { rtables: surroundings.rtables }),
      ...(surroundings.hosts && { hosts: surroundings.hosts }),
      ...(surroundings.random && { random: surroundings.random }),
    });
    for (const line of parsed.stderr) output.warn(line);
    if (verbose > 1) for (const macro of parsed.unusedMacros) output.warn(`warning: macro '${macro}' not used`);
    if (verbose > 0) {
      output.lines(parsed.output);
      if (parsed.accepted) output.lines(rulesetLines(parsed.ruleset, printing, verbose > 1));
    }
    pending.push({ anchor: name, parsed });
    return parsed;
  };
  const main = take(anchor, text, file === "-" ? "stdin" : file, [], 0);
  if (!main.accepted) {
    if (noAction) output.status = 1;
    else output.error("pfctl: Syntax error in config file: pf rules not loaded");
    return;
  }
  const queues = main.ruleset.queues.map(({ name }) => name);
  const waiting = [...main.ruleset.loads];
  let automatic = main.automaticTables;
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    output.warn(`\nLoading anchor ${next.anchor} from ${next.file}`);
    const content = surroundings.readFile?.(next.file);
    if (content === undefined && surroundings.absent !== undefined) continue;
    const parsed = content === undefined ? undefined : take(next.anchor, content, next.file, queues, automatic);
    if (content === undefined) missing(next.file, output);
    if (!parsed?.accepted) {
      output.error("pfctl: load anchors");
      return;
    }
    automatic = parsed.automaticTables;
    waiting.push(...parsed.ruleset.loads);
  }
  if (live === undefined) return;
  for (const one of pending) live.load(one.anchor, one.parsed.ruleset, surroundings.pid);
}

function missing(file: string, output: Output): void {
  output.warn(`pfctl: pushfile: ${file}: No such file or directory`);
  output.warn("pfctl: cannot open the main config file!: No such file or directory");
}
