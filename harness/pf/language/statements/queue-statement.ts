/**
 * Queues.
 *
 * queue = "queue" NAME ["on" interface] {"bandwidth" spec ["," "min" spec] ["," "max" spec] | "parent" NAME | "default"
 *         | "qlimit" N | "flows" N | "quantum" N}
 * spec  = bandwidth ["burst" bandwidth "for" N"ms"]
 *
 * `queue std parent main bandwidth 10M, max 20M default` prints the same way; see {@link QueueDefinition}.
 */

import type { QueueDefinition } from "../../ruleset.ts";
import { findInterface } from "../clauses/resolve-host.ts";
import { onInterfaces } from "../clauses/rule-head.ts";
import type { Context } from "../context.ts";
import { afterBandwidth } from "../tokens/follow.ts";
import { QUEUE_NAME_SIZE } from "../tokens/limits.ts";
import type { Reader } from "../tokens/reader.ts";

interface Service {
  readonly bits: number;
  readonly burst?: { readonly bits: number; readonly milliseconds: number };
}

interface QueueDraft {
  linkShare?: Service;
  realTime?: Service | undefined;
  upperLimit?: Service | undefined;
  parent?: string;
  isDefault?: boolean;
  qlimit?: number;
  flows?: number;
  quantum?: number;
}

const units: Readonly<Record<string, number>> = { b: 1, K: 1e3, M: 1e6, G: 1e9 };

/** Bits per second, or "percent". */
function bandwidth(reader: Reader): number | "percent" {
  if (reader.peek() === "number") {
    const bits = reader.number();
    return bits < 0 ? reader.fail("bandwidth number too big") : bits;
  }
  const text = reader.string();
  const match = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/.exec(text);
  const value = match === null ? 0 : Number(match[0]);
  let unit = text.slice(match?.[0].length ?? 0);
  if (/^.(Bit|B|bit|b)$/.test(unit)) unit = unit.slice(0, 1);
  if (unit === "%") {
    if (value < 0 || value > 100) reader.fail("bandwidth spec out of range");
    return Math.floor(value) > 0 ? "percent" : 0;
  }
  if (!Object.hasOwn(units, unit)) return reader.fail(`unknown unit "${unit}"`);
  const bits = value * (units[unit] as number);
  return bits < 0 || bits > 2 ** 63 ? reader.fail("bandwidth number too big") : Math.floor(bits);
}

function service(reader: Reader): Service {
  const bits = bandwidth(reader);
  let burst: number | "percent" | undefined;
  let milliseconds = 0;
  if (reader.accept("burst")) {
    burst = bandwidth(reader);
    reader.expect("for");
    const match = /^(\d*)ms$/.exec(reader.string());
    if (match === null) return reader.fail("time in scspec must be in ms");
    milliseconds = Number(match[1]);
  }
  if (burst === undefined) reader.followedBy(afterBandwidth);
  if (bits === "percent" || burst === "percent") return reader.fail("no bandwidth in % yet");
  return burst === undefined ? { bits } : { bits, burst: { bits: burst, milliseconds } };
}

/** `, min …` and `, max …` after a bandwidth, each once, in either order; the comma may be left out. */
function limits(reader: Reader): Pick<QueueDraft, "realTime" | "upperLimit"> {
  const found: Pick<QueueDraft, "realTime" | "upperLimit"> = {};
  for (;;) {
    const comma = reader.accept(",");
    const word = reader.peek();
    const field = word === "min" ? "realTime" : word === "max" ? "upperLimit" : undefined;
    if (field === undefined || found[field] !== undefined) {
      reader.followedBy(afterBandwidth);
      return comma || field !== undefined ? reader.syntaxError() : found;
    }
    reader.take();
    found[field] = service(reader);
  }
}

function queueOption(reader: Reader, queue: QueueDraft): boolean {
  const once = (given: unknown, what: string): void => {
    if (given !== undefined) reader.fail(`${what} cannot be respecified`);
  };
  const word = reader.peek();
  switch (word) {
    case "bandwidth": {
      reader.take();
      const linkShare = service(reader);
      const others = limits(reader);
      once(queue.linkShare, word);
      Object.assign(queue, others);
      queue.linkShare = linkShare;
      return true;
    }
    case "parent": {
      reader.take();
      const name = reader.string();
      once(queue.parent, word);
      queue.parent = name;
      return true;
    }
    case "default":
      reader.take();
      once(queue.isDefault, word);
      queue.isDefault = true;
      return true;
    case "qlimit":
    case "flows":
    case "quantum": {
      reader.take();
      const value = reader.number();
      const what = word === "flows" ? "number of flows" : word;
      once(queue[word], what);
      const [low, high] = word === "qlimit" ? [0, 65535] : word === "flows" ? [1, 32767] : [1, 65535];
      if (value < low || value > high) reader.fail(`${what} out of range: max ${high}`);
      queue[word] = value;
      return true;
    }
    default:
      return false;
  }
}

/** At the word `queue`. */
export function queueStatement(context: Context): void {
  const { reader } = context;
  const { line } = reader;
  reader.take();
  const name = reader.string();
  const interfaces = onInterfaces(context);
  const queue: QueueDraft = {};
  if (!queueOption(reader, queue)) reader.syntaxError();
  while (queueOption(reader, queue));
  reader.endOfStatement();
  if (interfaces === undefined && queue.parent === undefined) reader.fail("root queue without interface");
  const [first] = interfaces ?? [];
  if (first !== undefined && findInterface(first.name ?? "", context.interfaces) === undefined) {
    reader.fail("not an interface");
  }
  for (const on of interfaces ?? [undefined]) {
    const complaint = addQueue(context, name, on?.name, queue, line);
    if (complaint === undefined) continue;
    reader.error(complaint);
    return;
  }
}

function addQueue(
  context: Context,
  name: string,
  on: string | undefined,
  queue: QueueDraft,
  line: number,
): string | undefined {
  if (queue.linkShare === undefined && queue.flows === undefined) return "no bandwidth or flow specification";
  if (name.length >= QUEUE_NAME_SIZE) return "queuename too long";
  if (queue.parent !== undefined && queue.parent.length >= QUEUE_NAME_SIZE) return "parent too long";
  if (context.filling.name !== "") {
    context.output.push("must not have queue definitions in an anchor");
    return "cannot add queue";
  }
  const parent = queue.parent === "" ? undefined : queue.parent;
  if (parent === undefined && context.rootQueues.has(on)) {
    context.output.push(`A root queue is already defined on ${on ?? ""}`);
    return "cannot add queue";
  }
  const definition: QueueDefinition = {
    name,
    ...(on !== undefined && { interface: on }),
    ...(parent !== undefined && { parent }),
    text: queueText(queue),
    line,
    ...(queue.isDefault && { isDefault: true }),
    ...(queue.flows !== undefined && { flows: true }),
    ...((queue.linkShare?.bits || queue.linkShare?.burst?.bits) && { bandwidth: true }),
    ...(queue.parent === undefined && queue.linkShare && { rootClass: true }),
  };
  if (parent === undefined) context.rootQueues.set(on, definition);
  else context.addChildQueue(definition);
  return undefined;
}

/** `1500000` is `1500K`; below 1000 a blank replaces the unit, as in pfctl's output. */
function formatBits(bits: number): string {
  let rate = bits;
  let unit = 0;
  while (rate >= 1000 && unit < 3 && rate % 1000 === 0) {
    rate /= 1000;
    unit++;
  }
  return `${rate}${" KMG"[unit]}`;
}

function formatService(prefix: string, service: Service | undefined): string {
  if (service === undefined) return "";
  const { bits, burst } = service;
  let text = bits === 0 ? "" : prefix + formatBits(bits);
  if (burst?.milliseconds) {
    text += ` burst ${burst.bits === 0 ? "" : formatBits(burst.bits)} for ${burst.milliseconds}ms`;
  }
  return text;
}

function queueText(queue: QueueDraft): string {
  let text = "";
  if (queue.flows !== undefined) text += ` flows ${queue.flows}`;
  if (queue.flows !== undefined && queue.quantum !== undefined) text += ` quantum ${queue.quantum}`;
  if (queue.linkShare?.bits || queue.linkShare?.burst?.bits) {
    text += formatService(" bandwidth ", queue.linkShare);
    text += formatService(", min ", queue.realTime);
    text += formatService(", max ", queue.upperLimit);
  }
  if (queue.isDefault) text += " default";
  if (queue.qlimit) text += ` qlimit ${queue.qlimit}`;
  return text.slice(1);
}
