/**
 * Rules for frames, which FreeBSD tests before all others. The model reads and prints them; its engine has no frames.
 *
 * ether  = "ether" ("pass" | "block") ["in" | "out"] ["quick"] ["on" interfaces] ["bridge-to" IF] ["proto" types]
 *          ("all" | ["from" macs] ["to" macs]) ["l3" ends] {option}
 * anchor = "ether" "anchor" [name] … ["{" newline {ether} "}"]
 * mac    = ["!"] address ["/" bits | "&" mask]
 *
 * `ether pass in on em0 l3 from 10.0.0.1` prints as `ether pass in on em0 proto 0x0800 l3 from 10.0.0.1 to any`.
 */

import type { Dummynet, EtherRule } from "../../rule.ts";
import { fromTo } from "../clauses/host-clause.ts";
import { unsignedNumber } from "../clauses/ports.ts";
import { direction, onInterfaces } from "../clauses/rule-head.ts";
import type { Context } from "../context.ts";
import type { FromTo, HostNode, InterfaceNode } from "../nodes.ts";
import { formatAddress } from "../print/print-address.ts";
import { oneOrList, type Reader } from "../tokens/reader.ts";
import { anchorName } from "./anchor-statement.ts";

interface EtherOptions {
  dummynet?: Dummynet;
  queue?: string;
  labels: string[];
  ridentifier?: number;
  tag?: string;
  tagged?: string;
}

/** Lists of one statement, outermost loop of the expansion first. */
interface EtherLists {
  readonly interfaces: readonly (InterfaceNode | undefined)[];
  readonly types: readonly number[];
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly ends: FromTo;
}

/** At the word `ether`. */
export function etherStatement(context: Context): void {
  const { reader } = context;
  const { line } = reader;
  reader.take();
  const word = reader.peek();
  if (word !== "pass" && word !== "block" && word !== "anchor") reader.syntaxError();
  reader.take();
  const name = word === "anchor" ? anchorName(context) : undefined;
  const toward = direction(reader);
  const quick = reader.accept("quick");
  const interfaces = onInterfaces(context) ?? [undefined];
  const bridge = word !== "anchor" && bridgeTo(context);
  const lists = { interfaces, ...frames(context) };
  const options = word === "anchor" ? { labels: [] } : etherOptions(context);
  const rules = word === "anchor" ? inlineEthers(context) : undefined;
  reader.endOfStatement();
  context.inOrder("ethernet");
  if (word === "anchor" && name === undefined && rules === undefined) {
    reader.fail("anchors without explicit rules must specify a name");
  }
  const head =
    `ether ${word}${name === undefined ? "" : ` "${name.slice(Math.max(0, name.lastIndexOf("/")))}"`}` +
    `${toward === undefined ? "" : ` ${toward}`}${quick ? " quick" : ""}`;
  const bridged = bridge ? ` bridge-to ${bridge}` : "";
  for (const middle of expanded(lists, bridged)) {
    const text = head + middle + optionsText(options);
    context.filling.ethers.push({ kind: "ether", text, line, ...(rules && { rules }) });
  }
}

function bridgeTo({ reader, release }: Context): string | undefined {
  return release.scrubParentheses && reader.accept("bridge-to") ? reader.string() : undefined;
}

/** From `proto` to the ends of `l3`. */
function frames(context: Context): Omit<EtherLists, "interfaces"> {
  const { reader } = context;
  const types: number[] = [];
  if (reader.accept("proto")) oneOrList(reader, () => types.push(etherType(reader)));
  let from: string[] = [];
  let to: string[] = [];
  if (!reader.accept("all")) {
    if (reader.accept("from")) from = macList(reader);
    if (reader.accept("to")) to = macList(reader);
  }
  const ends: FromTo = reader.accept("l3") ? fromTo(context) : { source: {}, destination: {} };
  for (const [word, end] of [["from", ends.source] as const, ["to", ends.destination] as const]) {
    const kind = end.hosts?.[0]?.spec.kind;
    if (kind !== undefined && !["network", "any", "table"].includes(kind)) {
      reader.fail(`${word} must be an address or table`);
    }
  }
  return { types: types.length > 0 ? types : [0], from, to, ends };
}

function etherType(reader: Reader): number {
  if (reader.peek() === "number") {
    const type = reader.number();
    if (type < 0 || type > 65565) reader.fail("protocol outside range");
    return type === 0 ? reader.fail("proto 0 cannot be used") : type & 0xffff;
  }
  const text = reader.string();
  if (!text.startsWith("0x")) return reader.fail("Symbolic EtherType not yet supported");
  const type = Number.parseInt(text.slice(2, 6), 16);
  return Number.isNaN(type) ? reader.fail("invalid EtherType hex") : type;
}

function macList(reader: Reader): string[] {
  const macs: string[] = [];
  oneOrList(reader, () => {
    const negated = reader.accept("!");
    macs.push((negated ? "! " : "") + mac(reader));
  });
  return macs;
}

function mac(reader: Reader): string {
  const [address = "", mask] = reader.strings().split("&");
  const text = macAddress(reader, address);
  if (mask !== undefined) return text + maskText(macAddress(reader, mask));
  if (!reader.accept("/")) return text;
  const bits = reader.number();
  if (bits < 0 || bits > 48) reader.fail("masklen must be between 0 and 48");
  return bits === 48 ? text : `${text}/${bits}`;
}

function macAddress(reader: Reader, text: string): string {
  if (!/^([0-9a-fA-F]{1,2}:){5}[0-9a-fA-F]{1,2}$/.test(text)) reader.fail("invalid mac address");
  return text
    .split(":")
    .map((part) => part.toLowerCase().padStart(2, "0"))
    .join(":");
}

/** As bits, where they are in one piece. */
function maskText(mask: string): string {
  const bits = mask
    .split(":")
    .map((part) => Number.parseInt(part, 16).toString(2).padStart(8, "0"))
    .join("");
  const ones = bits.lastIndexOf("1") + 1;
  if (bits.slice(0, ones).includes("0")) return `&${mask}`;
  return ones === 48 ? "" : `/${ones}`;
}

function etherOptions(context: Context): EtherOptions {
  const { reader, release } = context;
  const options: EtherOptions = { labels: [] };
  for (;;) {
    if (reader.accept("queue")) {
      const listed = reader.accept("(");
      const queue = reader.string();
      if (listed) reader.expect(")");
      if (options.queue !== undefined) reader.fail("queue cannot be redefined");
      options.queue = queue;
    } else if (reader.accept("tag")) options.tag = reader.strings();
    else if (reader.peek() === "dnpipe" || reader.peek() === "dnqueue") {
      const kind = reader.peek() as Dummynet["kind"];
      reader.take();
      const number = unsignedNumber(reader);
      // The kinds are flags: a pipe stays one.
      options.dummynet = { kind: options.dummynet?.kind === "dnpipe" ? "dnpipe" : kind, number };
    } else if (reader.peek() === "!" || reader.peek() === "tagged") {
      const negated = reader.accept("!") ? " !" : "";
      reader.expect("tagged");
      options.tagged = `${negated} tagged ${reader.strings()}`;
    } else if (release.scrubParentheses && reader.accept("label")) options.labels.push(reader.string());
    else if (release.scrubParentheses && reader.accept("ridentifier")) options.ridentifier = unsignedNumber(reader);
    else return options;
  }
}

function optionsText({ dummynet, queue, labels, ridentifier, tag, tagged }: EtherOptions): string {
  let text = labels.map((label) => ` label "${label}"`).join("");
  if (ridentifier) text += ` ridentifier ${ridentifier}`;
  if (queue !== undefined) text += ` queue ${queue}`;
  if (tag) text += ` tag ${tag}`;
  if (tagged !== undefined) text += tagged;
  if (dummynet?.number) text += ` ${dummynet.kind} ${dummynet.number}`;
  return text;
}

/** The text of each combination, from the interface to `l3`. */
function expanded({ interfaces, types, from, to, ends }: EtherLists, bridged: string): string[] {
  const none = [undefined];
  const texts: string[] = [];
  for (const on of interfaces)
    for (const type of types)
      for (const source of from.length > 0 ? from : none)
        for (const destination of to.length > 0 ? to : none)
          for (const a of ends.source.hosts ?? none)
            for (const b of ends.destination.hosts ?? none) {
              const place = on === undefined ? "" : ` on ${on.negated ? "! " : ""}${on.name}`;
              const number = type || etherTypeOf(a ?? b);
              const proto = number === 0 ? "" : ` proto 0x${number.toString(16).padStart(4, "0")}`;
              const frame = `${source === undefined ? "" : ` from ${source}`}${destination === undefined ? "" : ` to ${destination}`}`;
              texts.push(`${place}${bridged}${proto}${frame} l3${endsText(a, b)}`);
            }
  return texts;
}

const etherTypeOf = (node: HostNode | undefined): number =>
  node?.family === "inet" ? 0x0800 : node?.family === "inet6" ? 0x86dd : 0;

function endsText(source: HostNode | undefined, destination: HostNode | undefined): string {
  if (source === undefined && destination === undefined) return " all";
  const text = (node: HostNode | undefined) =>
    node === undefined ? "any" : `${node.negated ? "! " : ""}${formatAddress(node.spec, node.family)}`;
  return ` from ${text(source)} to ${text(destination)}`;
}

/** `{ … }` after an anchor; its rules go into a list of their own. */
function inlineEthers(context: Context): readonly EtherRule[] | undefined {
  const { reader, filling } = context;
  if (!reader.accept("{")) return undefined;
  const outer = filling.ethers.splice(0);
  reader.expect("\n");
  while (reader.peek() !== "}") {
    if (reader.peek() === "ether") etherStatement(context);
    else if (reader.peek() !== "\n") reader.syntaxError();
    reader.expect("\n");
  }
  reader.take();
  const rules = filling.ethers.splice(0);
  filling.ethers.push(...outer);
  return rules;
}
