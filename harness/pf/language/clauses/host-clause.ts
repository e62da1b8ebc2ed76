/**
 * Hosts as the text writes them, and `from … os … to …`.
 *
 * host  = address ["/" bits] | address "-" address | "(" interface ")" ["/" bits] | "<" table ">" | "route" label
 * xhost = ["!"] (host | "no-route" | "urpf-failed")
 * hosts = "any" | xhost | "{" hosts … "}"
 * ends  = "all" | ["from" hosts ["port" ports]] ["os" names] ["to" hosts ["port" ports]]
 */

import type { TableAddress } from "../../rule.ts";
import type { Context } from "../context.ts";
import { canonicalSystem } from "../names/systems.ts";
import type { EndNode, FromTo, HostNode } from "../nodes.ts";
import { afterEnd, afterHost } from "../tokens/follow.ts";
import { INTERFACE_NAME_SIZE, ROUTE_LABEL_SIZE, TABLE_NAME_SIZE } from "../tokens/limits.ts";
import { braced, newlines, oneOrList } from "../tokens/reader.ts";
import { portList } from "./ports.ts";
import { contradictory, isUnknownName, resolveHost, splitModifiers } from "./resolve-host.ts";

const plain = { prefix: 128, negated: false, scope: 0, weight: 0 };

/** Resolves names; one text may have many addresses. */
export function host(context: Context): readonly HostNode[] {
  const { reader } = context;
  switch (reader.peek()) {
    case "(":
      return [dynamicHost(context)];
    case "<":
      return [{ ...plain, spec: { kind: "table", name: tableName(context) } }];
    case "route": {
      reader.take();
      const label = reader.string();
      if (label.length >= ROUTE_LABEL_SIZE) reader.fail("route label too long, max 31 chars");
      return [{ ...plain, spec: { kind: "route", label } }];
    }
    case "number": {
      const network = reader.numberText();
      reader.expect("/");
      return resolved(context, `${network}/${reader.numberText()}`);
    }
    default:
      return namedHost(context);
  }
}

function resolved(context: Context, text: string): readonly HostNode[] {
  // RFC 5737: TEST-NET-1.
  if (isUnknownName(text, context) && context.reader.absent("host", text)) return resolved(context, "192.0.2.2");
  return resolveHost(text, context) ?? context.reader.fail("could not parse host specification");
}

function namedHost(context: Context): readonly HostNode[] {
  const { reader } = context;
  const text = reader.string();
  if (reader.accept("/")) return resolved(context, `${text}/${reader.numberText()}`);
  if (!reader.accept("-")) {
    reader.followedBy(afterHost);
    return resolved(context, text);
  }
  const last = reader.string();
  const [from, moreFrom] = resolved(context, text);
  const [to, moreTo] = resolved(context, last);
  if (
    moreFrom !== undefined ||
    moreTo !== undefined ||
    from?.spec.kind !== "network" ||
    to?.spec.kind !== "network" ||
    from.family !== to.family ||
    from.prefix !== (from.family === "inet" ? 32 : 128) ||
    to.prefix !== from.prefix
  ) {
    return reader.fail("invalid address range");
  }
  const spec = { kind: "range", family: from.spec.family, first: from.spec.address, last: to.spec.address } as const;
  return [{ ...from, spec }];
}

/** `<name>`, at the `<`. */
export function tableName(context: Context): string {
  const { reader } = context;
  reader.expect("<");
  const name = reader.string();
  reader.expect(">");
  if (name.length >= TABLE_NAME_SIZE) reader.fail(`table name '${name}' too long`);
  return name;
}

function dynamicHost(context: Context): HostNode {
  const { reader } = context;
  reader.take();
  const text = reader.string();
  reader.expect(")");
  if (!/^[A-Za-z]/.test(text)) reader.fail(`invalid interface name '${text}'`);
  const split = splitModifiers(text) ?? reader.fail(`interface ${knownPart(text)} has bad modifier`);
  if (contradictory(split.modifiers)) reader.fail("illegal combination of interface modifiers");
  if (split.name.length >= INTERFACE_NAME_SIZE) reader.fail("interface name too long");
  const { network, broadcast, peer, first } = split.modifiers;
  const modifiers = [
    ...(network ? (["network"] as const) : []),
    ...(broadcast ? (["broadcast"] as const) : []),
    ...(peer ? (["peer"] as const) : []),
    ...(first ? (["0"] as const) : []),
  ];
  const spec = { kind: "dynamic", interface: split.name, modifiers } as const;
  if (!reader.accept("/")) return { ...plain, spec };
  const prefix = reader.number();
  if (prefix < 0 || prefix > 128) reader.fail("bit number too big");
  return { ...plain, spec: { ...spec, prefix }, prefix };
}

/** The text without the valid modifiers after the bad one. */
function knownPart(text: string): string {
  let rest = text;
  while (/:(network|broadcast|peer|0)$/.test(rest)) rest = rest.slice(0, rest.lastIndexOf(":"));
  return rest;
}

function negatableHost(context: Context): readonly HostNode[] {
  const { reader } = context;
  const negated = reader.accept("!");
  const kind = reader.peek();
  if (kind === "no-route" || kind === "urpf-failed") {
    reader.take();
    return [{ ...plain, prefix: 0, spec: { kind }, negated }];
  }
  const hosts = host(context);
  return negated ? hosts.map((node) => ({ ...node, negated })) : hosts;
}

/** `weight N` of tables and pools. */
export function weighted(context: Context, hosts: readonly HostNode[]): readonly HostNode[] {
  const { reader } = context;
  if (!reader.accept("weight")) return hosts;
  const weight = reader.number();
  if (weight < 1 || weight > 65535) reader.fail("weight out of range");
  return hosts.map((node) => ({ ...node, weight }));
}

/** Undefined is `any`, even if only one item of a list is. */
export function hostsOrAny(context: Context): readonly HostNode[] | undefined {
  const { reader } = context;
  if (reader.accept("any")) return undefined;
  if (!reader.accept("{")) return negatableHost(context);
  let all: HostNode[] | undefined = [];
  context.nested(() =>
    braced(reader, () => {
      const hosts = hostsOrAny(context);
      if (hosts === undefined) all = undefined;
      else for (const node of hosts) all?.push(node);
    }),
  );
  return all;
}

function end(context: Context): EndNode {
  const { reader } = context;
  if (reader.accept("port")) return { ports: portList(reader) };
  const hosts = hostsOrAny(context);
  const ports = reader.accept("port") ? portList(reader) : undefined;
  if (ports === undefined) reader.followedBy(afterEnd);
  return { hosts, ports };
}

export function fromTo(context: Context): FromTo {
  const { reader } = context;
  if (reader.accept("all")) return { source: {}, destination: {} };
  const source = reader.accept("from") ? end(context) : {};
  const names: string[] = [];
  if (reader.accept("os")) oneOrList(reader, () => names.push(canonicalSystem(reader.string())));
  const destination = reader.accept("to") ? end(context) : {};
  if (destination.hosts?.some(({ spec }) => spec.kind === "urpf-failed")) {
    reader.fail('"urpf-failed" is not permitted in a destination address');
  }
  return { source, destination, os: names.length > 0 ? names : undefined };
}

/** `{ a, { b c } }` of tables, after the `{`; lists may nest. */
export function tableHosts(context: Context, add: (node: HostNode) => void): void {
  const { reader } = context;
  newlines(reader);
  context.nested(() =>
    braced(reader, () => {
      if (reader.accept("{")) tableHosts(context, add);
      else for (const node of weighted(context, negatableHost(context))) add(node);
    }),
  );
}

/** Undefined for other things than addresses, and if the mask is too long for the family. */
export function tableAddress(node: Pick<HostNode, "spec" | "family" | "prefix" | "negated">): TableAddress | undefined {
  const { spec, family, prefix, negated } = node;
  if (family === undefined || prefix > (family === "inet" ? 32 : 128)) return undefined;
  if (spec.kind === "any") return { address: family === "inet" ? "0.0.0.0" : "::", prefix, negated };
  return spec.kind === "network" ? { address: spec.address, prefix, negated } : undefined;
}
