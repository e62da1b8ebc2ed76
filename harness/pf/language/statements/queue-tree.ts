/**
 * The tree of queues that a whole text defines: parents and children, whether it makes sense, and the order in which
 * pfctl prints them (each interface's root, then its children, depth first).
 */

import type { Rule } from "../../rule.ts";
import type { QueueDefinition } from "../../ruleset.ts";
import { Fatal } from "../tokens/limits.ts";

interface Node {
  readonly queue: QueueDefinition;
  readonly children: Node[];
}

/** pfctl.c 1.395: pfctl_find_childqs. */
const MAX_VISITS = 10000;
const LOOP = "pfctl_find_childqs: excessive matches, loop?";
/** A bound of ours: a deeper recursion would exhaust the stack. */
const MAX_DEPTH = 1000;

/** Throws {@link Fatal} with pfctl's words if the queues do not make a tree. */
export function queueTree(roots: readonly QueueDefinition[], others: readonly QueueDefinition[]): Node[] {
  const below = new Map<string, QueueDefinition[]>();
  for (const queue of others) {
    const siblings = below.get(queue.parent ?? "");
    if (siblings === undefined) below.set(queue.parent ?? "", [queue]);
    else siblings.push(queue);
  }
  const visits = new Map<QueueDefinition, number>();
  const grow = (queue: QueueDefinition, depth: number): Node => {
    // No tree is deeper than it has queues.
    if (depth > Math.min(others.length, MAX_DEPTH)) throw new Fatal(LOOP);
    const children: Node[] = [];
    for (const other of below.get(queue.name) ?? []) {
      if (other.interface !== undefined && other.interface !== queue.interface) continue;
      const seen = (visits.get(other) ?? 0) + 1;
      visits.set(other, seen);
      if (seen > MAX_VISITS) throw new Fatal(LOOP);
      addChild(children, other, queue.interface);
    }
    const grown = children.map(({ queue: child }) => grow(child, depth + 1));
    if (grown.length > 0 && queue.isDefault) throw new Fatal(`default queue ${queue.name} is not a leaf queue`);
    if (grown.length > 0 && queue.flows) throw new Fatal(`flow queue ${queue.name} is not a leaf queue`);
    return { queue, children: grown };
  };
  const trees: Node[] = [];
  for (const root of roots) {
    const tree = grow(root, 0);
    if (!root.rootClass && tree.children.length > 0) {
      throw new Fatal(
        root.flows
          ? `root queue ${root.name} doesn't support hierarchy`
          : `no bandwidth was specified for root queue ${root.name}`,
      );
    }
    if (root.rootClass && !hasDefault(tree)) throw new Fatal("no default queue specified");
    trees.push(tree);
  }
  for (const queue of others) {
    if (!visits.has(queue)) throw new Fatal(`queue ${queue.name}: parent ${queue.parent} not found`);
    if (!queue.bandwidth) throw new Fatal(`queue ${queue.name}: no bandwidth was specified`);
  }
  return trees;
}

/** A queue bound to the interface wins over one of the same name that is not. */
function addChild(children: Node[], queue: QueueDefinition, on: string | undefined): void {
  const index = children.findIndex((child) => child.queue.name === queue.name);
  const known = children[index]?.queue;
  if (known === undefined) children.push({ queue, children: [] });
  else if (known.interface !== undefined && queue.interface !== undefined) {
    throw new Fatal(`queue ${known.name} on ${on} respecified`);
  } else if (known.interface === undefined && queue.interface === undefined) {
    throw new Fatal(`queue ${known.name} respecified`);
  } else if (known.interface === undefined) children[index] = { queue, children: [] };
}

const hasDefault = ({ queue, children }: Node): boolean => Boolean(queue.isDefault) || children.some(hasDefault);

/** In printed order. */
export function flattenQueues(trees: readonly Node[]): QueueDefinition[] {
  return trees.flatMap(({ queue, children }) => [queue, ...flattenQueues(children)]);
}

/** A complaint for each queue in rules that is not a leaf. */
export function inner(trees: readonly Node[], rules: readonly Rule[]): string[] {
  const branches = new Set(trees.filter(({ children }) => children.length > 0).map(({ queue }) => queue.name));
  const complaints: string[] = [];
  for (const rule of rules) {
    if (rule.kind === "anchor" && rule.rules) complaints.push(...inner(trees, rule.rules));
    const name = rule.set?.queue?.find((queue) => branches.has(queue));
    if (name !== undefined) complaints.push(`queue ${name}: packets must be assigned to leaf queues only`);
  }
  return complaints;
}
