/**
 * `set …`: options of the whole firewall. Each prints its normal form while it is read.
 *
 * `set timeout { tcp.first 60, udp.single 10 }` prints one line for each.
 */

import type { TimeoutName } from "../../rule.ts";
import { unsignedLong } from "../clauses/ports.ts";
import { onInterfaces } from "../clauses/rule-head.ts";
import { positiveNumber, stateItems } from "../clauses/state-options.ts";
import type { Context } from "../context.ts";
import { optimizations, sctpTimeouts, timeoutNames } from "../names/timeouts.ts";
import { afterString } from "../tokens/follow.ts";
import { oneOrList, parenthesised, type Reader } from "../tokens/reader.ts";

/** syslog.h: prioritynames. */
const levels = "emerg alert crit err warning notice info debug".split(" ");
const levelAliases: Readonly<Record<string, string>> = { error: "err", panic: "emerg", warn: "warning" };

/** A file of the base system. */
const FINGERPRINTS = "/etc/pf.os";

/** Reads the rest of a setting after its name. */
type SettingReader = (context: Context) => void;

const settings: ReadonlyMap<string, SettingReader> = new Map<string, SettingReader>([
  ["reassemble", reassemble],
  ["optimization", optimization],
  ["ruleset-optimization", rulesetOptimization],
  ["timeout", (context) => oneOrList(context.reader, () => timeout(context))],
  ["limit", (context) => oneOrList(context.reader, () => limit(context))],
  ["loginterface", logInterface],
  ["hostid", hostid],
  ["block-policy", blockPolicy],
  ["fingerprints", fingerprints],
  ["state-policy", statePolicy],
  ["debug", debug],
  ["skip", skip],
  ["state-defaults", stateDefaults],
  ["syncookies", syncookies],
  ["require-order", requireOrder],
  ["fail-policy", failPolicy],
  ["keepcounters", keepCounters],
]);

/** At the word `set`. */
export function setStatement(context: Context): void {
  const { reader, release } = context;
  reader.take();
  const name = release.settings.has(reader.peek()) ? reader.peek() : "";
  const read = settings.get(name) ?? reader.syntaxError();
  reader.take();
  read(context);
}

/** Settings may come at the end of a text, too, but for those that ask for their place here. */
const inPlace = (context: Context): void => context.inOrder("options");

function dropOrReturn(reader: Reader): "drop" | "return" {
  if (reader.accept("drop")) return "drop";
  reader.expect("return");
  return "return";
}

function failPolicy(context: Context): void {
  const { reader, options, output } = context;
  const policy = dropOrReturn(reader);
  output.push(`set fail-policy ${policy}`);
  inPlace(context);
  options.failPolicy = policy;
}

/** Not printed. */
function keepCounters({ options }: Context): void {
  options.keepCounters = true;
}

/** `set require-order no` */
function requireOrder({ reader, options, output }: Context): void {
  options.requireOrder = yesNo(reader);
  output.push(`set require-order ${options.requireOrder ? "yes" : "no"}`);
}

function reassemble({ reader, options, output }: Context): void {
  const enabled = yesNo(reader);
  const noDf = reader.accept("no-df");
  reader.endOfStatement();
  options.reassemble = { enabled, noDf: enabled && noDf };
  output.push(`set reassemble ${enabled ? "yes" : "no"} ${noDf ? "no-df" : ""}`);
}

function rulesetOptimization(context: Context): void {
  const { reader, options } = context;
  const value = reader.strings();
  reader.followedBy(afterString);
  if (value !== "none" && value !== "basic" && value !== "profile") {
    context.reader.fail(`unknown ruleset-optimization ${value}`);
  }
  options.rulesetOptimization ??= value;
}

function logInterface(context: Context): void {
  const { reader, options, output } = context;
  const name = reader.accept("all") ? "all" : reader.string();
  inPlace(context);
  if (name === "none") delete options.loginterface;
  else options.loginterface = name;
  output.push(`set loginterface ${name}`);
}

function blockPolicy(context: Context): void {
  const { reader, options, output } = context;
  const policy = dropOrReturn(reader);
  output.push(`set block-policy ${policy}`);
  inPlace(context);
  options.blockPolicy = policy;
}

function statePolicy(context: Context): void {
  const { reader, options, output } = context;
  const policy = reader.accept("if-bound") ? "if-bound" : "floating";
  if (policy === "floating") reader.expect(policy);
  context.ifBound = policy === "if-bound";
  options.statePolicy = policy;
  output.push(`set state-policy ${policy}`);
}

function fingerprints(context: Context): void {
  const { reader, options, output } = context;
  const file = reader.string();
  output.push(`set fingerprints "${file}"`);
  inPlace(context);
  if (!context.surroundings.anchor && file !== FINGERPRINTS && context.readFile(file) === undefined) {
    reader.remark(`pfctl: ${file}: No such file or directory`);
    reader.fail(`error loading fingerprints ${file}`);
  }
  options.fingerprints = file;
}

function stateDefaults(context: Context): void {
  const { reader } = context;
  const items = stateItems(context);
  reader.endOfStatement();
  if (context.stateDefaults !== undefined) reader.fail("cannot redefine state-defaults");
  context.stateDefaults = items;
}

function yesNo(reader: Reader): boolean {
  if (reader.accept("no")) return false;
  const word = reader.string();
  return word === "yes" ? true : reader.fail(`invalid value '${word}', expected 'yes' or 'no'`);
}

function optimization(context: Context): void {
  const { reader, options, output } = context;
  const name = reader.string();
  inPlace(context);
  const key = name.toLowerCase();
  if (!Object.hasOwn(optimizations, key)) {
    reader.remark("pfctl: invalid state timeouts optimization");
    reader.fail(`unknown optimization ${name}`);
  }
  options.optimization = key;
  options.timeouts = { ...options.timeouts, ...optimizations[key] };
  output.push(`set optimization ${name}`);
}

function timeout(context: Context): void {
  const { reader, options, output, release } = context;
  // A keyword of altq(4).
  const name = release.keywords.has("interval") && reader.accept("interval") ? "interval" : reader.string();
  const given = reader.number();
  inPlace(context);
  const seconds = positiveNumber(reader, given);
  const isSctp = release.sctpTimeouts && sctpTimeouts.some((candidate) => candidate === name.toLowerCase());
  if (isSctp) {
    output.push(`set timeout ${name} ${seconds | 0}`);
    return;
  }
  const known = timeoutNames.find((candidate) => candidate === name.toLowerCase());
  if (known === undefined) {
    reader.remark("pfctl: Bad timeout name.");
    context.reader.fail(`unknown timeout ${name}`);
  }
  const set: Partial<Record<TimeoutName, number>> = { [known]: seconds };
  options.timeouts = { ...options.timeouts, ...set };
  // Printed as a signed number.
  output.push(`set timeout ${name} ${seconds | 0}`);
}

function limit(context: Context): void {
  const { reader, options, output, release } = context;
  const name = reader.string();
  const given = reader.number();
  inPlace(context);
  const value = positiveNumber(reader, given);
  if (!release.limits.has(name.toLowerCase())) {
    reader.remark("pfctl: Bad pool name.");
    reader.fail(`unable to set limit ${name} ${value}`);
  }
  options.limits = { ...options.limits, [name.toLowerCase()]: value };
  output.push(`set limit ${name} ${value | 0}`);
}

function hostid({ reader, options, output }: Context): void {
  let given: bigint;
  if (reader.peek() === "number") given = BigInt(reader.numberText());
  else {
    const text = reader.string();
    given = BigInt.asIntN(64, unsignedLong(text) ?? reader.fail(`${text} is not a number`));
  }
  if (given === 0n || given > 0xffffffffn) reader.fail("hostid must be non-zero");
  // Negative numbers slip through and lose their upper bits.
  const value = BigInt.asUintN(32, given);
  options.hostid = Number(value);
  output.push(`set hostid 0x${value.toString(16).padStart(8, "0")}`);
}

function debug(context: Context): void {
  const { reader, options, output, release } = context;
  const { debugLevels } = release;
  // A keyword elsewhere.
  const text = debugLevels === "syslog" && reader.accept("debug") ? "debug" : reader.string();
  inPlace(context);
  const lower = text.toLowerCase();
  const name = levelAliases[lower] ?? (/^[0-7]$/.test(lower) ? levels[Number(lower)] : lower);
  const known = debugLevels === "syslog" ? levels.includes(name ?? "") : debugLevels.has(name ?? "");
  if (name === undefined || !known) {
    reader.remark(`pfctl: unknown debug level "${text}"`);
    context.reader.fail(`error setting debuglevel ${text}`);
  }
  options.debug = name;
  output.push(`set debug ${text}`);
}

function skip(context: Context): void {
  const { reader, output } = context;
  if (reader.peek() !== "on") reader.endOfStatement();
  const items = onInterfaces(context) ?? [];
  if (items.length === 0 || (items.length === 1 && items[0]?.name === "none" && !items[0].negated)) {
    output.push("set skip on none");
    context.skip = [];
    return;
  }
  let wrong = false;
  const names: string[] = [];
  for (const { name, rdomain, negated } of items) {
    names.push(name ?? "");
    if (negated) reader.error("skip on ! <interface> is not supported");
    else if (rdomain !== undefined) reader.error("skip on rdomain <num> is not supported");
    wrong ||= negated || rdomain !== undefined;
  }
  output.push(`set skip on { ${names.join(" ")} }`);
  if (wrong) reader.fail("error setting skip interface(s)");
  context.skip ??= [];
  for (const name of names) context.skip.push(name);
}

function syncookies({ reader, options, output }: Context): void {
  const mode = reader.string();
  if (mode !== "never" && mode !== "adaptive" && mode !== "always") reader.fail("illegal value for syncookies");
  let marks: { start: number; end: number } | undefined;
  if (reader.accept("(")) {
    marks = { start: 0, end: 0 };
    const given = marks;
    parenthesised(reader, () => watermark(reader, given));
  } else reader.endOfStatement();
  const refuse = (text: string): never => {
    reader.remark(`pfctl: ${text}`);
    return reader.fail("error setting syncookies");
  };
  let text = mode;
  if (marks !== undefined) {
    if (mode !== "adaptive") refuse("syncookies start/end only apply to adaptive");
    // net/pfvar.h: PF_SYNCOOKIES_HIWATPCT.
    const start = marks.start || 25;
    const end = marks.end || Math.floor(start / 2);
    if (end >= start) refuse("start must be higher than end");
    text = `${mode} (start ${start}%, end ${end}%)`;
  }
  options.syncookies = text;
  output.push(`set syncookies ${text}`);
}

function watermark(reader: Reader, marks: { start: number; end: number }): void {
  const name = reader.string();
  const text = reader.string();
  const match = /^(\d+(?:\.\d*)?)%$/.exec(text);
  if (match === null) reader.abandon();
  const value = Number(match[1]);
  if (value <= 0 || value > 100) reader.fail("illegal percentage value");
  if (name !== "start" && name !== "end") reader.fail("illegal syncookie option");
  marks[name] = Math.floor(value);
}
