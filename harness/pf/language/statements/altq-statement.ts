/**
 * Queues of altq(4): FreeBSD, and OpenBSD until 5.4. They are read, printed and kept; the engine does not queue.
 *
 * altq  = "altq" ["on" interfaces] {option} "queue" names
 * queue = "queue" NAME ["on" interfaces] {option} [names]
 * option = "bandwidth" B | "priority" N | "qlimit" N | "tbrsize" N | scheduler
 *
 * `altq on em0 cbq bandwidth 10Mb queue { std ssh }` prints as `altq on em0 cbq bandwidth 10Mb tbrsize 6000 queue {…}`.
 */

import { onInterfaces } from "../clauses/rule-head.ts";
import type { Context } from "../context.ts";
import type { AltqInterface, AnnouncedQueue, InterfaceNode } from "../nodes.ts";
import { QUEUE_NAME_SIZE } from "../tokens/limits.ts";
import { oneOrList } from "../tokens/reader.ts";
import { type AltqOptions, altqOptions, bitsOf, rateText, scheduleText } from "./altq-options.ts";

const DEFAULT_PRIORITY = 1;
const DEFAULT_QLIMIT = 50;
/** pfctl asks the kernel; an interface of the model has a gigabit. */
const INTERFACE_BITS = 1e9;
const MTU = 1500;

/** pfctl_altq.c: packets that the token bucket holds, by bandwidth. */
function bucketSize(bits: number): number {
  const packets = bits <= 1e6 ? 1 : bits <= 1e7 ? 4 : bits <= 2e8 ? 8 : bits <= 2.5e9 ? 24 : 128;
  return Math.min(packets * MTU, 65535 * MTU);
}

/** At the word `altq`. */
export function altqStatement(context: Context): void {
  const { reader } = context;
  reader.take();
  const interfaces = onInterfaces(context) ?? [];
  const options = altqOptions(reader);
  reader.expect("queue");
  const names = queueNames(context);
  reader.endOfStatement();
  context.inOrder("queueing");
  const { scheduler } = options;
  if (scheduler === undefined) {
    reader.fail("no scheduler specified!");
    return;
  }
  if (names.length === 0 && scheduler.kind !== "codelq") reader.fail("no child queues specified");
  for (const on of interfaces) altqOn(context, on, options, scheduler.kind, names);
}

function altqOn(
  context: Context,
  on: InterfaceNode,
  options: AltqOptions,
  scheduler: string,
  names: readonly string[],
): void {
  const { reader, output, altq } = context;
  const name = on.name ?? "";
  if (on.negated) reader.fail("altq on ! <interface> is not supported");
  if (altq.interfaces.has(name)) {
    reader.remark(`pfctl: altq on ${name} already defined`);
    reader.abandon();
  }
  if (!context.release.knowsInterfaceSpeed && options.bandwidth?.bits === undefined) {
    reader.remark(`interface ${name} does not know its bandwidth, please specify an absolute bandwidth`);
    if (scheduler === "cbq" || scheduler === "hfsc") reader.remark(`altq not defined on ${name}`);
    for (const queue of names) altq.queues.push({ name: queue, on: name, scheduler, parentBits: 0, parent: "" });
    reader.abandon();
  }
  const bits = bitsOf(options.bandwidth, INTERFACE_BITS);
  let text = `altq on ${name} ${scheduleText(options, bits, bits) || `${scheduler === "codelq" ? "codel" : scheduler} `}`;
  text += bandwidthText(options, bits);
  if (options.qlimit !== undefined && options.qlimit !== DEFAULT_QLIMIT) text += `qlimit ${options.qlimit} `;
  text += `tbrsize ${options.tbrsize || bucketSize(bits)} `;
  if (names.length > 0) text += `queue { ${names.join(" ")} }`;
  output.push(text);
  altq.interfaces.set(name, { name, scheduler, defaults: 0, priorities: new Set(), given: new Map() });
  for (const queue of names) {
    altq.queues.push({ name: queue, on: name, scheduler, parentBits: bits, parent: `root_${name}` });
  }
}

function bandwidthText({ bandwidth }: AltqOptions, bits: number): string {
  if (bandwidth === undefined) return "";
  if (bandwidth.percent === undefined) return `bandwidth ${rateText(bits)} `;
  return bandwidth.percent < 100 && bandwidth.percent > 0 ? `bandwidth ${bandwidth.percent}% ` : "";
}

function queueNames(context: Context): string[] {
  const { reader } = context;
  const names: string[] = [];
  if (reader.peek() !== "{" && reader.peek() !== "string") return names;
  oneOrList(reader, () => {
    const name = reader.string();
    if (name.length >= QUEUE_NAME_SIZE) reader.fail(`queue name '${name}' too long (max ${QUEUE_NAME_SIZE - 1} chars)`);
    names.push(name);
  });
  return names;
}

/** At the word `queue` of a statement. */
export function altqQueueStatement(context: Context): void {
  const { reader } = context;
  reader.take();
  const name = reader.string();
  const interfaces = onInterfaces(context);
  const options = altqOptions(reader);
  const children = queueNames(context);
  reader.endOfStatement();
  context.inOrder("queueing");
  if (name.length >= QUEUE_NAME_SIZE) reader.fail(`queue name too long (max ${QUEUE_NAME_SIZE - 1} chars)`);
  if (options.tbrsize) reader.fail("cannot specify tbrsize for queue");
  let found = 0;
  for (const on of interfaces ?? [undefined]) {
    for (const queue of [...context.altq.queues]) {
      const here = on === undefined || (on.name === queue.on) !== on.negated;
      if (queue.name !== name || !here) continue;
      found++;
      const complaint = addQueue(context, queue, options, children, on !== undefined, found);
      if (complaint === undefined) continue;
      if (complaint.startsWith("pfctl: ") || complaint.startsWith("altq not defined")) reader.remark(complaint);
      else reader.error(complaint);
      reader.fail("errors in queue definition");
    }
  }
  if (found > 0) return;
  reader.error(`queue ${name} has no parent`);
  reader.fail("errors in queue definition");
}

function addQueue(
  context: Context,
  queue: AnnouncedQueue,
  options: AltqOptions,
  children: readonly string[],
  named: boolean,
  found: number,
): string | undefined {
  const { altq, output } = context;
  const { name, on, scheduler } = queue;
  if (options.scheduler !== undefined && options.scheduler.kind !== scheduler) {
    return "exactly one scheduler type per interface allowed";
  }
  const priority = options.priority ?? DEFAULT_PRIORITY;
  const bits = bitsOf(options.bandwidth, queue.parentBits);
  if (scheduler === "priq") {
    if (children.length > 0) return "priq queues cannot have child queues";
    if (options.bandwidth !== undefined && options.bandwidth.percent !== 100) return "priq doesn't take bandwidth";
  }
  const interfaceQueues = altq.interfaces.get(on);
  if (interfaceQueues === undefined) return `altq not defined on ${on}`;
  const complaint = fits(interfaceQueues, queue, priority, bits, options);
  if (complaint !== undefined) return complaint;
  let text = `queue ${name} ${named ? `on ${on} ` : ""}`;
  if (scheduler !== "priq") text += bandwidthText(options, bits);
  if (priority !== DEFAULT_PRIORITY) text += `priority ${priority} `;
  if (options.qlimit !== undefined && options.qlimit !== DEFAULT_QLIMIT) text += `qlimit ${options.qlimit} `;
  text += scheduleText(options, bits, queue.parentBits);
  if (children.length > 0) text += `{ ${children.join(" ")} }`;
  if (named || found === 1) output.push(text);
  for (const child of children) {
    if (child === name) return "queue cannot have itself as child";
    altq.queues.push({ name: child, on, scheduler, parentBits: bits, parent: name });
  }
  return undefined;
}

/** pfctl_altq.c: what each scheduler asks of its queues. */
function fits(
  one: AltqInterface,
  queue: AnnouncedQueue,
  priority: number,
  bits: number,
  { scheduler }: AltqOptions,
): string | undefined {
  if (queue.scheduler === "priq") {
    if (priority > 15) return "pfctl: priority out of range: max 15";
    if (one.priorities.has(priority)) {
      return `pfctl: ${queue.name} does not have a unique priority on interface ${queue.on}`;
    }
    one.priorities.add(priority);
  } else {
    const given = (one.given.get(queue.parent) ?? 0) + bits;
    one.given.set(queue.parent, given);
    if (queue.scheduler !== "hfsc" && given > queue.parentBits) {
      return `pfctl: the sum of the child bandwidth (${given}) higher than parent "${queue.parent}" (${queue.parentBits})`;
    }
    const { linkshare } = scheduler ?? {};
    const shares = linkshare === undefined ? bits : bitsOf(linkshare.bandwidth, queue.parentBits);
    const shared = (one.given.get(`${queue.parent} linkshare`) ?? 0) + shares;
    one.given.set(`${queue.parent} linkshare`, shared);
    if (queue.scheduler === "hfsc" && shared > queue.parentBits) return "pfctl: link-sharing sc exceeds parent's sc";
  }
  if (scheduler?.flags.includes("default")) one.defaults++;
  return undefined;
}

/** The checks that pfctl makes at the end of the file. */
export function altqComplaints({ altq }: Context): string[] {
  const complaints = [...altq.interfaces.values()]
    .filter(({ scheduler, defaults }) => scheduler !== "codelq" && defaults !== 1)
    .map(({ name }) => `pfctl: should have one default queue on ${name}`);
  return complaints.length > 0 ? [...complaints, "pfctl: errors in altq config"] : [];
}
