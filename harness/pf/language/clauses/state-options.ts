/**
 * State options: `keep state (max 100, source-track rule, tcp.established 60)` and `set state-defaults`.
 *
 * options = item { [","] item }, each kind at most once
 */

import type { SctpTimeoutName, StateKind, StateOptions, TimeoutName } from "../../rule.ts";
import type { Context } from "../context.ts";
import { sctpTimeouts, stateTimeouts, timeoutNames } from "../names/timeouts.ts";
import type { StateItem } from "../nodes.ts";
import type { Reader } from "../tokens/reader.ts";
import { tableName } from "./host-clause.ts";

/** 32 bits: larger and negative numbers are refused. */
const MAX_NUMBER = 4294967295;
/** net/pfvar.h: PF_THRESHOLD_MAX. */
const MAX_RATE = 4294967;

export function positive(reader: Reader): number {
  return positiveNumber(reader, reader.number());
}

export function positiveNumber(reader: Reader, value: number): number {
  if (value < 0 || value > MAX_NUMBER) reader.fail("only positive values permitted");
  return value;
}

/** `N/S`; both numbers are read before either is judged. */
export function rate(reader: Reader): { limit: number; seconds: number } {
  const limit = reader.number();
  reader.expect("/");
  const seconds = reader.number();
  if (limit < 0 || limit > MAX_NUMBER || seconds < 0 || seconds > MAX_NUMBER) {
    reader.fail("only positive values permitted");
  }
  return { limit, seconds };
}

function stateItem(context: Context): StateItem {
  const { reader, release } = context;
  const kind = release.stateItems.has(reader.peek()) ? reader.peek() : "";
  switch (kind) {
    case "max":
    case "max-src-states":
    case "max-src-conn":
    case "max-src-nodes":
      reader.take();
      return { kind, value: positive(reader) };
    case "max-src-conn-rate":
      reader.take();
      return { kind, ...rate(reader) };
    case "no-sync":
    case "sloppy":
    case "pflow":
    case "allow-related":
    case "if-bound":
    case "floating":
      reader.take();
      return { kind };
    case "source-track":
      reader.take();
      return { kind, mode: reader.accept("global") ? "global" : reader.accept("rule") ? "rule" : "bare" };
    case "overload": {
      reader.take();
      const table = tableName(context);
      if (!reader.accept("flush")) return { kind, table };
      return { kind, table, flush: reader.accept("global") ? "global" : "rule" };
    }
    default: {
      const text = reader.string();
      const seconds = positive(reader);
      const names = release.sctpTimeouts ? [...timeoutNames, ...sctpTimeouts] : timeoutNames;
      const name = names.find((candidate) => candidate === text);
      if (name === undefined) return reader.fail(`illegal timeout name ${text}`);
      if (!name.includes(".")) return reader.fail(`illegal state timeout ${text}`);
      return { kind: "timeout", name, seconds };
    }
  }
}

/** Without parentheses, as `set state-defaults` has them. */
export function stateItems(context: Context): StateItem[] {
  const { reader, release } = context;
  const items = [stateItem(context)];
  while (reader.accept(",") || release.stateItems.has(reader.peek())) items.push(stateItem(context));
  return items;
}

export interface StateClause {
  readonly kind: StateKind;
  readonly items: readonly StateItem[];
  /** No later token can change the clause. */
  readonly parenthesised?: boolean;
}

/** `no state`, `keep state (…)`, `modulate state (…)`, `synproxy state (…)`, after their first word. */
export function stateClause(context: Context, word: string): StateClause {
  const { reader } = context;
  reader.expect("state");
  if (word === "no") return { kind: "none", items: [], parenthesised: true };
  const kind = word as StateKind;
  if (!reader.accept("(")) return { kind, items: [] };
  const items = stateItems(context);
  reader.expect(")");
  return { kind, items, parenthesised: true };
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** The items of one rule so far. */
interface StateDraft {
  readonly options: Writable<StateOptions>;
  readonly timeouts: Map<TimeoutName | SctpTimeoutName, number>;
  tracking?: "bare" | "rule" | "global";
  bound?: "if-bound" | "floating";
}

/** Gathers the items of one rule; `context` has the default binding. Undefined when nothing remains to print. */
export function stateOptions(context: Context, clause: StateClause): StateOptions | undefined {
  const draft: StateDraft = { options: {}, timeouts: new Map() };
  for (const item of clause.items) addItem(context.reader, draft, item);
  const { options, timeouts, bound } = draft;
  const adaptive = clause.items.some((item) => item.kind === "timeout" && item.name.startsWith("adaptive."));
  if (options.max && !adaptive) {
    timeouts.set("adaptive.start", Math.floor(options.max / 10) * 6);
    timeouts.set("adaptive.end", Math.floor(options.max / 10) * 12);
  }
  track(context.reader, draft);
  if (bound === "if-bound" || (bound === undefined && context.ifBound && clause.kind !== "none")) {
    options.policy = "if-bound";
  }
  if (options.max === 0) delete options.max;
  if (timeouts.size > 0) {
    const kept = stateTimeouts.filter((name) => timeouts.get(name)).map((name) => [name, timeouts.get(name)]);
    if (kept.length > 0) options.timeouts = Object.fromEntries(kept);
  }
  return Object.keys(options).length > 0 ? options : undefined;
}

/** Limits per source, which must not be 0. */
const SOURCE_LIMITS = {
  "max-src-states": "maxSrcStates",
  "max-src-conn": "maxSrcConn",
  "max-src-nodes": "maxSrcNodes",
} as const;

/** Each item may come once, but a value of 0 counts as absent. */
function addItem(reader: Reader, draft: StateDraft, item: StateItem): void {
  const { options, timeouts } = draft;
  const once = (given: unknown, complaint = `state option '${item.kind}' multiple definitions`): void => {
    if (given) reader.fail(complaint);
  };
  switch (item.kind) {
    case "max":
      once(options.max);
      options.max = item.value;
      break;
    case "no-sync":
      once(options.noSync, "state option 'sync' multiple definitions");
      options.noSync = true;
      break;
    case "source-track":
      once(draft.tracking);
      draft.tracking = item.mode;
      break;
    case "max-src-states":
    case "max-src-conn":
    case "max-src-nodes": {
      const field = SOURCE_LIMITS[item.kind];
      once(options[field]);
      if (item.value === 0) reader.fail(`'${item.kind}' must be > 0`);
      options[field] = item.value;
      break;
    }
    case "max-src-conn-rate":
      once(options.maxSrcConnRate);
      options.maxSrcConnRate = connectionRate(reader, item);
      break;
    case "overload":
      once(options.overload, "multiple 'overload' table definitions");
      options.overload = { table: item.table, ...(item.flush && { flush: item.flush }) };
      break;
    case "if-bound":
    case "floating":
      once(draft.bound, "state locking option: multiple definitions");
      draft.bound = item.kind;
      break;
    case "allow-related":
      once(options.allowRelated, "state allow-related option: multiple definitions");
      options.allowRelated = true;
      break;
    case "sloppy":
    case "pflow":
      once(options[item.kind], `state ${item.kind} option: multiple definitions`);
      options[item.kind] = true;
      break;
    case "timeout": {
      // pfctl takes the name from the wrong table.
      const named = timeoutNames[stateTimeouts.indexOf(item.name)] ?? item.name;
      once(timeouts.get(item.name), `state timeout ${named} multiple definitions`);
      timeouts.set(item.name, item.seconds);
      break;
    }
    default:
      item satisfies never;
  }
}

function connectionRate(
  reader: Reader,
  { limit, seconds }: { limit: number; seconds: number },
): { limit: number; seconds: number } {
  if (limit === 0 || seconds === 0) reader.fail("'max-src-conn-rate' values must be > 0");
  if (limit > MAX_RATE) reader.fail(`'max-src-conn-rate' maximum rate must be < ${MAX_RATE}`);
  return { limit, seconds };
}

/** Source tracking: limits per source imply it, per rule unless only max-src-states is given. */
function track(reader: Reader, { options, timeouts, tracking: mode }: StateDraft): void {
  const perRule = Boolean(options.maxSrcConn || options.maxSrcConnRate || options.maxSrcNodes);
  if (mode === undefined && !options.maxSrcStates && !perRule) return;
  if (mode === "global") {
    const incompatible = (name: string): never => reader.fail(`'${name}' is incompatible with 'source-track global'`);
    if (options.maxSrcNodes) incompatible("max-src-nodes");
    if (options.maxSrcConn) incompatible("max-src-conn");
    if (options.maxSrcConnRate) incompatible("max-src-conn-rate");
  }
  const window = options.maxSrcConnRate?.seconds ?? 0;
  if ((timeouts.get("src.track") ?? 0) < window) timeouts.set("src.track", window);
  options.sourceTrack = perRule || mode === "rule" ? "rule" : "global";
}
