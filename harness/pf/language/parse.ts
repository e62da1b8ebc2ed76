/**
 * pf.conf(5) text to rules: the statements, their order, and what happens after an error.
 *
 * `parseRuleset("pass in proto tcp to port ftp", { interfaces: [] })` gives one rule. Names, macros, files and the
 * machine's interfaces come in through {@link Surroundings}; nothing is read from the system. Errors are worded and
 * ordered as by pfctl of OpenBSD 7.8; a ruleset with any error must not be loaded.
 *
 * text      = { [statement] newline }
 * statement = macro | include | set | table | queue | rule | anchor | antispoof | load-anchor
 */

import type { Rule } from "../rule.ts";
import type { QueueDefinition, Ruleset, TableDefinition } from "../ruleset.ts";
import { Context, type Surroundings } from "./context.ts";
import { eraComplaint } from "./eras.ts";
import { expandNumber } from "./expansion/labels.ts";
import { optimize } from "./optimizer/optimize.ts";
import { altqComplaints, altqQueueStatement, altqStatement } from "./statements/altq-statement.ts";
import { anchorName, anchorStatement } from "./statements/anchor-statement.ts";
import { antispoofStatement } from "./statements/antispoof-statement.ts";
import { etherStatement } from "./statements/ether-statement.ts";
import { oldStatement } from "./statements/old-statements.ts";
import { queueStatement } from "./statements/queue-statement.ts";
import { flattenQueues, inner, queueTree } from "./statements/queue-tree.ts";
import { ruleStatement } from "./statements/rule-statement.ts";
import { setStatement } from "./statements/set-statement.ts";
import { tableStatement } from "./statements/tables.ts";
import { Fatal, MAX_INCLUDES } from "./tokens/limits.ts";
import { abandoned, type Diagnostic } from "./tokens/reader.ts";

export type { Surroundings } from "./context.ts";
export type { Diagnostic } from "./tokens/reader.ts";

export interface Parsed {
  /** The ruleset to load; after errors, the part that was understood. */
  readonly ruleset: Ruleset;
  /** Output of `pfctl -v` while parsing: macros, options and tables in order of text, then queues. */
  readonly output: readonly string[];
  readonly errors: readonly Diagnostic[];
  readonly warnings: readonly Diagnostic[];
  /** All that pfctl writes to stderr: errors, warnings and remarks, in order. */
  readonly stderr: readonly string[];
  /** False: pfctl refuses the text and loads nothing. */
  readonly accepted: boolean;
  /** Of which pfctl warns with `-vv`. */
  readonly unusedMacros: readonly string[];
  /** Automatic tables numbered so far, for texts loaded after this one. */
  readonly automaticTables: number;
}

/** How deep files may include one another, counting the first. pfctl stops where the system's open files do. */
const MAX_FILES = 100;

export function parseRuleset(text: string, surroundings: Surroundings): Parsed {
  const context = new Context(text, surroundings);
  const { reader } = context;
  let queues: readonly QueueDefinition[] = [];
  let refused = false;
  try {
    statements(context);
    refused = reader.failed || reader.errors.length > 0;
    if (!refused) {
      for (const line of altqComplaints(context)) {
        reader.remark(line);
        refused = true;
      }
    }
    if (!refused && (surroundings.anchor ?? "") === "") {
      const trees = queueTree([...context.rootQueues.values()], context.childQueues);
      const complaints = inner(trees, context.filling.rules);
      context.output.push(...complaints);
      refused = complaints.length > 0;
      queues = flattenQueues(trees);
    }
  } catch (error) {
    if (!(error instanceof Fatal)) throw error;
    reader.remark(`pfctl: ${error.message}`);
    refused = true;
  }
  let rules: readonly Rule[] = context.stack[0]?.rules ?? [];
  let automatic: readonly TableDefinition[] = [];
  if (!refused) {
    if ((surroundings.optimization ?? context.options.rulesetOptimization) !== "none") {
      const optimized = optimize(rules, context.automaticTables);
      ({ rules, tables: automatic, nextTable: context.automaticTables } = optimized);
    }
    try {
      rules = numbered(rules);
    } catch (error) {
      if (!(error instanceof Fatal)) throw error;
      reader.remark(`pfctl: ${error.message}`);
      refused = true;
    }
  }
  return {
    ruleset: {
      options: context.skip === undefined ? context.options : { ...context.options, skip: context.skip },
      tables: [...(context.stack[0]?.tables ?? []), ...automatic],
      queues,
      rules,
      ...(context.era === "rdr-anchor" && {
        translations: context.stack[0]?.translations ?? [],
        scrubs: context.stack[0]?.scrubs ?? [],
        ethers: context.stack[0]?.ethers ?? [],
      }),
      loads: context.loads,
    },
    output: refused
      ? context.output
      : [...context.output, ...queues.map(queueLine), ...automatic.map(({ text }) => text)],
    errors: reader.errors,
    warnings: reader.warnings,
    stderr: reader.stderr,
    accepted: !refused,
    unusedMacros: context.unusedMacros(),
    automaticTables: context.automaticTables,
  };
}

/** `queue std parent main bandwidth 10M default` */
function queueLine({ name, parent, interface: on, text }: QueueDefinition): string {
  const place = parent !== undefined ? ` parent ${parent}` : on !== undefined ? ` on ${on}` : "";
  return `queue ${name}${place}${text === "" ? "" : ` ${text}`}`;
}

/** Fills in `$nr`, now that every rule has its number. */
function numbered(rules: readonly Rule[]): readonly Rule[] {
  return rules.map((rule, number) => {
    const { label, moreLabels, tag, tagged } = rule;
    let result = rule;
    if (label?.includes("$nr")) result = { ...result, label: expandNumber(label, number) };
    if (moreLabels?.some((text) => text.includes("$nr"))) {
      result = { ...result, moreLabels: moreLabels.map((text) => expandNumber(text, number)) };
    }
    if (tag?.includes("$nr")) result = { ...result, tag: expandNumber(tag, number) };
    if (tagged?.tag.includes("$nr")) {
      result = { ...result, tagged: { ...tagged, tag: expandNumber(tagged.tag, number) } };
    }
    return result.kind === "anchor" && result.rules ? { ...result, rules: numbered(result.rules) } : result;
  });
}

/** The whole text. An error costs the rest of its line. */
function statements(context: Context): void {
  const { reader } = context;
  // pfctl's yacc cannot recover from an error in the very first token, nor from a text that begins with a brace.
  if (reader.accept("{")) {
    reader.peek();
    reader.error("syntax error");
    return;
  }
  if (reader.peek() !== "\n" && reader.peek() !== "end" && !context.release.statements.has(reader.peek())) {
    reader.error("syntax error");
    return;
  }
  for (;;) {
    let word = "";
    let line = 0;
    try {
      context.restart();
      const kind = reader.peek();
      word = reader.word();
      line = reader.line;
      if (kind === "end") return;
      if (kind !== "\n" && !statement(context, kind)) reader.syntaxError();
      reader.expect("\n");
    } catch (error) {
      if (error !== abandoned) throw error;
      const hint = eraComplaint(word, context.era) ?? eraComplaint(reader.word(), context.era);
      if (hint !== undefined) reader.hint(hint, line);
      if (!reader.recover()) return;
    }
  }
}

/** False if no statement begins with `kind`. */
function statement(context: Context, kind: string): boolean {
  if (!context.release.statements.has(kind)) return false;
  switch (kind) {
    case "set":
      setStatement(context);
      return true;
    case "altq":
      altqStatement(context);
      return true;
    case "queue":
      if (context.release.altq) altqQueueStatement(context);
      else queueStatement(context);
      return true;
    case "ether":
      etherStatement(context);
      return true;
    case "scrub-anchor":
    case "dummynet-anchor":
      unknownAnchor(context, kind);
      return true;
    case "string":
      macroStatement(context);
      return true;
    case "antispoof":
      antispoofStatement(context);
      return true;
    case "load":
      loadStatement(context);
      return true;
    case "no":
    case "scrub":
    case "nat":
    case "rdr":
    case "binat":
    case "nat-anchor":
    case "rdr-anchor":
    case "binat-anchor":
      return oldStatement(context, kind);
    default:
      return innerStatement(context, kind);
  }
}

/** The statements that an inline anchor may hold, too. */
function innerStatement(context: Context, kind: string): boolean {
  if (!context.release.statements.has(kind)) return false;
  switch (kind) {
    case "pass":
    case "match":
    case "block":
      ruleStatement(context);
      return true;
    case "anchor":
      anchorStatement(context, innerStatements);
      return true;
    case "table":
      tableStatement(context);
      return true;
    case "include":
      includeStatement(context);
      return true;
    default:
      return false;
  }
}

/** Reads the lines of an inline anchor, up to its `}`. */
function innerStatements(context: Context): void {
  const { reader } = context;
  for (;;) {
    const kind = reader.peek();
    if (kind === "}") return;
    if (kind !== "\n" && !innerStatement(context, kind)) reader.syntaxError();
    reader.expect("\n");
  }
}

/** `name = value …` */
function macroStatement(context: Context): void {
  const { reader } = context;
  const name = reader.string();
  reader.expect("=");
  let value = reader.numberOrString();
  while (reader.peek() === "number" || reader.peek() === "string") value += ` ${reader.numberOrString()}`;
  reader.endOfStatement();
  context.output.push(`${name} = "${value}"`);
  if (/\s/.test(name.slice(1))) reader.fail("macro name cannot contain whitespace");
  context.define(name, value);
}

/** An anchor of macOS for rules that the model does not carry out: skipped, with a remark. */
function unknownAnchor({ reader }: Context, word: string): void {
  reader.take();
  const name = reader.string();
  reader.endOfStatement();
  reader.warn(`${word} "${name}" is macOS's, and not known to the model: skipped`);
}

/** `include "file"` */
function includeStatement(context: Context): void {
  const { reader } = context;
  reader.take();
  const path = reader.string();
  if (++context.includes > MAX_INCLUDES) throw new Fatal("too many included files");
  const text = reader.depth < MAX_FILES ? context.readFile(path) : undefined;
  if (text === undefined && reader.depth < MAX_FILES && reader.absent("file", path)) return;
  if (text === undefined) {
    const reason = reader.depth < MAX_FILES ? "No such file or directory" : "Too many open files";
    reader.remark(`pfctl: pushfile: ${path}: ${reason}`);
    context.reader.fail(`failed to include file ${path}`);
  }
  reader.include(path, text);
}

/** `load anchor "name" from "file"`: done when the text is loaded, not here. */
function loadStatement(context: Context): void {
  const { reader } = context;
  const { line } = reader;
  reader.take();
  reader.expect("anchor");
  const name = anchorName(context);
  reader.expect("from");
  const file = reader.strings();
  reader.endOfStatement();
  if (name === undefined) context.reader.fail("anchor name is missing");
  const { anchor } = context.surroundings;
  context.loads.push({ anchor: anchor ? `${anchor}/${name}` : name, file, line });
}
