/**
 * `antispoof for em0`: blocks packets that claim to come from em0's networks but arrive elsewhere, and those that
 * claim to come from em0 itself.
 *
 * antispoof = "antispoof" [log] ["quick"] "for" interfaces [family] {"label" NAME | "ridentifier" N | "rtable" N}
 */

import { addLabel, rtable } from "../clauses/filter-options.ts";
import { unsignedNumber } from "../clauses/ports.ts";
import { findInterface, interfaceAddresses, isGroup } from "../clauses/resolve-host.ts";
import { addressFamily, interfaceItem, logQuick } from "../clauses/rule-head.ts";
import type { Context } from "../context.ts";
import { type Draft, emptyDraft } from "../expansion/draft.ts";
import { expandRule } from "../expansion/expand.ts";
import type { HostNode, InterfaceNode } from "../nodes.ts";
import { oneOrList } from "../tokens/reader.ts";
import { checkLabel } from "./rule-statement.ts";

interface Guarded {
  readonly name: string;
  /** Written in parentheses: resolved at match time. */
  readonly dynamic: boolean;
}

/** At the word `antispoof`. */
export function antispoofStatement(context: Context): void {
  const { reader } = context;
  const { file, line } = reader;
  reader.take();
  const { log, quick } = logQuick(context);
  reader.expect("for");
  const guarded: Guarded[] = [];
  oneOrList(reader, () => {
    const dynamic = reader.accept("(");
    const { name = "" } = interfaceItem(context);
    if (dynamic) reader.expect(")");
    guarded.push({ name, dynamic });
  });
  const family = addressFamily(reader);
  const { labels = [], ridentifier, table } = antispoofOptions(context);
  reader.endOfStatement();
  context.inOrder("filtering");
  for (const one of guarded) {
    for (const label of labels) checkLabel(reader, label);
    const rule = (): Draft => {
      const draft = emptyDraft("block", { file, line }, "in", family);
      draft.answer = { kind: "drop" };
      draft.log = log;
      draft.quick = quick;
      draft.rtable = table;
      draft.labels = labels;
      draft.ridentifier = ridentifier;
      return draft;
    };
    const block = (hosts: readonly HostNode[] | undefined, on?: InterfaceNode): void => {
      if (hosts === undefined) return;
      const ends = { source: { hosts }, destination: {} };
      expandRule(context, rule(), { ends, interfaces: on && [on] });
    };
    block(sources(context, one, true), { name: one.name, negated: true });
    if (!loopback(context, one.name)) block(sources(context, one, false));
  }
}

interface AntispoofOptions {
  labels?: string[];
  ridentifier?: number;
  table?: number;
}

function antispoofOptions(context: Context): AntispoofOptions {
  const { reader, release } = context;
  const options: AntispoofOptions = {};
  for (;;) {
    if (reader.accept("label")) options.labels = addLabel(context, options.labels);
    else if (release.options.has("ridentifier") && reader.accept("ridentifier")) {
      options.ridentifier = unsignedNumber(reader);
    } else if (reader.accept("rtable")) options.table = rtable(context);
    else return options;
  }
}

function sources(context: Context, { name, dynamic }: Guarded, network: boolean): HostNode[] | undefined {
  if (!dynamic) {
    const modifiers = { network, broadcast: false, peer: false, first: false };
    return interfaceAddresses(name, modifiers, context.interfaces);
  }
  const spec = { kind: "dynamic", interface: name, modifiers: network ? (["network"] as const) : [] } as const;
  return [{ spec, prefix: 128, negated: false, scope: 0, weight: 0 }];
}

/** False for a group, whatever its members are. */
function loopback(context: Context, name: string): boolean {
  const { interfaces } = context;
  return !isGroup(name, interfaces) && Boolean(findInterface(name, interfaces)?.loopback);
}
