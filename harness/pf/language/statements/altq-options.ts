/**
 * The options of altq(4): bandwidth, priority and the four schedulers with their flags and service curves.
 *
 * scheduler = ("cbq" | "priq" | "hfsc" | "fairq" | "codelq") ["(" item {[","] item} ")"]
 * curve     = ("linkshare" | "realtime" | "upperlimit") (bandwidth | "(" bandwidth N bandwidth ")")
 */

import type { Reader } from "../tokens/reader.ts";
import { parenthesised } from "../tokens/reader.ts";

export type Bandwidth =
  | { readonly percent: number; readonly bits?: never }
  | { readonly bits: number; readonly percent?: never };

export interface Curve {
  readonly bandwidth: Bandwidth;
  readonly first?: Bandwidth;
  readonly milliseconds?: number;
}

export interface Scheduler {
  readonly kind: string;
  readonly flags: string[];
  linkshare?: Curve;
  realtime?: Curve;
  upperlimit?: Curve;
  interval?: number;
  target?: number;
}

export interface AltqOptions {
  bandwidth?: Bandwidth;
  priority?: number;
  qlimit?: number;
  tbrsize?: number;
  scheduler?: Scheduler;
}

/** Flags in the order in which pfctl prints them; `ecn` implies `red` where a scheduler knows that. */
const FLAGS = ["red", "ecn", "rio", "codel", "borrow", "default"];
const flagsOf: Readonly<Record<string, readonly string[]>> = {
  cbq: FLAGS,
  priq: ["red", "ecn", "rio", "codel", "default"],
  hfsc: ["red", "ecn", "rio", "codel", "default"],
  fairq: ["red", "ecn", "rio", "codel", "default"],
  codelq: ["ecn"],
};
const units: Readonly<Record<string, number>> = { b: 1, K: 1e3, M: 1e6, G: 1e9 };

export function altqOptions(reader: Reader): AltqOptions {
  const options: AltqOptions = {};
  for (;;) {
    const word = reader.peek();
    const once = <K extends keyof AltqOptions>(field: K, value: AltqOptions[K]): void => {
      if (options[field] !== undefined) reader.fail(`${field} cannot be respecified`);
      options[field] = value;
    };
    if (word === "bandwidth") {
      reader.take();
      once("bandwidth", bandwidth(reader));
    } else if (word === "priority" || word === "qlimit" || word === "tbrsize") {
      reader.take();
      const value = reader.number();
      const max = word === "priority" ? 255 : word === "qlimit" ? 65535 : 4294967295;
      if (options[word] !== undefined) reader.fail(`${word} cannot be respecified`);
      if (value < 0 || value > max) {
        reader.fail(word === "tbrsize" ? `tbrsize too big: max ${max}` : `${word} out of range: max ${max}`);
      }
      options[word] = value;
    } else if (Object.hasOwn(flagsOf, word)) {
      reader.take();
      once("scheduler", scheduler(reader, word));
    } else return options;
  }
}

function bandwidth(reader: Reader): Bandwidth {
  if (reader.peek() === "number") {
    const bits = reader.number();
    return bits < 0 ? reader.fail("bandwidth number too big") : { bits };
  }
  const text = reader.string();
  const match = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/.exec(text);
  const value = Number(match?.[0] ?? 0);
  let unit = text.slice(match?.[0].length ?? 0);
  if (/^.(Bit|B|bit|b)$/.test(unit)) unit = unit.slice(0, 1);
  if (unit === "%") {
    return value < 0 || value > 100 ? reader.fail("bandwidth spec out of range") : { percent: Math.floor(value) };
  }
  const factor = units[unit];
  return factor === undefined ? reader.fail(`unknown unit ${unit}`) : { bits: Math.floor(value * factor) };
}

function scheduler(reader: Reader, kind: string): Scheduler {
  const made: Scheduler = { kind, flags: [] };
  if (reader.accept("(")) parenthesised(reader, () => schedulerItem(reader, made));
  return made;
}

function schedulerItem(reader: Reader, made: Scheduler): void {
  const word = reader.peek();
  const curves =
    made.kind === "hfsc" ? ["linkshare", "realtime", "upperlimit"] : made.kind === "fairq" ? ["linkshare"] : [];
  if (curves.includes(word)) {
    const name = word as "linkshare" | "realtime" | "upperlimit";
    reader.take();
    const read = curve(reader);
    if (made[name] !== undefined) reader.fail(`${name} already specified`);
    made[name] = read;
  } else if (made.kind === "fairq" && (word === "hogs" || word === "buckets")) {
    reader.take();
    if (word === "hogs") bandwidth(reader);
    else reader.number();
  } else if (made.kind === "codelq" && (word === "interval" || word === "target")) {
    reader.take();
    const value = reader.number();
    if (made[word]) reader.fail(`${word} already specified`);
    made[word] = value;
  } else {
    // A keyword of OpenBSD since 4.7.
    const flag = reader.accept("default") ? "default" : reader.string();
    const what = made.kind === "codelq" ? "codel option" : `${made.kind} flag`;
    if (!flagsOf[made.kind]?.includes(flag)) reader.fail(`unknown ${what} "${flag}"`);
    made.flags.push(flag);
    if (flag === "ecn" && made.kind !== "codelq") made.flags.push("red");
  }
}

function curve(reader: Reader): Curve {
  if (!reader.accept("(")) return { bandwidth: bandwidth(reader) };
  const first = bandwidth(reader);
  reader.accept(",");
  const milliseconds = reader.number();
  reader.accept(",");
  const then = bandwidth(reader);
  reader.expect(")");
  if (milliseconds < 0 || milliseconds > 2147483647) reader.fail("timing in curve out of range");
  return { bandwidth: then, first, milliseconds };
}

/** All of the parent's, where none is given. */
export const bitsOf = (bandwidth: Bandwidth | undefined, parent: number): number =>
  bandwidth?.bits ?? Math.floor((parent * (bandwidth?.percent ?? 100)) / 100);

/** `1.50Mb`, `512Kb`. */
export function rateText(bits: number): string {
  let rate = bits;
  let unit = 0;
  while (rate >= 1000 && unit < 3) {
    rate /= 1000;
    unit++;
  }
  const text = Math.floor(rate * 100) % 100 === 0 ? String(Math.floor(rate)) : rate.toFixed(2);
  return `${text}${" KMG"[unit]}b`;
}

/** `hfsc( red default realtime 1Mb ) `; empty where there is nothing but the scheduler's name. */
export function scheduleText({ scheduler }: AltqOptions, bits: number, parentBits: number): string {
  if (scheduler === undefined) return "";
  const { kind, flags, linkshare, realtime, upperlimit, target, interval } = scheduler;
  const words = FLAGS.filter((flag) => flags.includes(flag));
  if (kind === "codelq") {
    words.unshift(...(target ? [`target ${target}`] : []), ...(interval ? [`interval ${interval}`] : []));
  }
  if (realtime !== undefined) words.push(curveText("realtime", realtime));
  const asBandwidth =
    linkshare !== undefined && bitsOf(linkshare.bandwidth, parentBits) === bits && !linkshare.milliseconds;
  if (linkshare !== undefined && !asBandwidth) words.push(curveText("linkshare", linkshare));
  if (upperlimit !== undefined) words.push(curveText("upperlimit", upperlimit));
  return words.length === 0 ? "" : `${kind === "codelq" ? "codel" : kind}( ${words.join(" ")} ) `;
}

const bandwidthText = ({ percent, bits = 0 }: Bandwidth): string => (percent ? `${percent}%` : rateText(bits));

function curveText(name: string, { bandwidth: then, first, milliseconds }: Curve): string {
  if (!milliseconds || first === undefined) return `${name} ${bandwidthText(then)}`;
  return `${name}(${bandwidthText(first)} ${milliseconds} ${bandwidthText(then)})`;
}
