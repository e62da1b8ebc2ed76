/** The rules that a set-up for ftp-proxy needs, written for this rule set: its era, its names of interfaces. */

import type { Family } from "../../pf/packet.ts";
import { macrosOf, wordsOf } from "../../pf/text/statements.ts";
import type { Analysis } from "./analysis.ts";
import { listenAddress } from "./trial-session.ts";

/** `on $int_if`; nothing if the rule set names no interface there. */
function on(analysis: Analysis, place: "inside" | "outside"): string {
  const name = interfaceWords(analysis)[place];
  return name === undefined ? "" : `on ${name} `;
}

export function divertRule(analysis: Analysis, family: Family): string {
  const target = `${listenAddress({ family })} port ${analysis.port}`;
  const head = `${on(analysis, "inside")}${family} proto tcp`;
  switch (analysis.era) {
    case "divert-to":
      return `pass in quick ${head} to port ftp divert-to ${target}`;
    case "rdr-to":
      return `pass in quick ${head} to port ftp rdr-to ${target}`;
    case "rdr-anchor":
      return `rdr pass ${head} from any to any port ftp -> ${target}`;
  }
}

/** The proxy's own connections. Before 5.0 there was no `(self)`. */
export function proxyOutRule(analysis: Analysis, family: Family, quick: boolean): string {
  const { outside = "egress" } = interfaceWords(analysis);
  const place = analysis.reverse ? "inside" : "outside";
  const from = analysis.era === "divert-to" ? "(self)" : analysis.reverse ? "any" : `(${outside})`;
  const to = analysis.reverse ? serverOf(analysis, family) : "any";
  return `pass out ${quick ? "quick " : ""}${on(analysis, place)}${family} proto tcp from ${from} to ${to} port ftp`;
}

/** `-R`: who dials the proxy. */
export function publicRule(analysis: Analysis, family: Family, quick: boolean): string {
  const dialled =
    analysis.sessions.find(({ endpoints }) => endpoints.family === family)?.endpoints.dialled ?? "(egress)";
  const guessed = analysis.machine.guessed && !analysis.text.includes(dialled);
  const to = guessed ? `(${interfaceWords(analysis).outside ?? "egress"})` : dialled;
  const head = `${on(analysis, "outside")}${family} proto tcp`;
  const target = `${listenAddress({ family })} port ${analysis.port}`;
  switch (analysis.era) {
    case "divert-to":
      return `pass in ${quick ? "quick " : ""}${head} to ${to} port ${analysis.port === 21 ? "ftp" : analysis.port}`;
    case "rdr-to":
      return `pass in quick ${head} to ${to} port ftp rdr-to ${target}`;
    case "rdr-anchor":
      return `rdr pass ${head} from any to ${to} port ftp -> ${target}`;
  }
}

function serverOf({ sessions, text }: Analysis, family: Family): string {
  const server = sessions.find(({ endpoints }) => endpoints.family === family)?.endpoints.server;
  return server !== undefined && text.includes(server) ? server : "any";
}

/** The words by which rules name the inside and the outside interfaces: macros, lists; undefined if they never do. */
function interfaceWords({ machine, statements }: Analysis): { readonly inside?: string; readonly outside?: string } {
  const macros = macrosOf(statements);
  const said = new Set(statements.flatMap((statement) => (statement.isMacro ? [] : wordsOf(statement, macros))));
  const isSaid = (name: string) => [...said].some((word) => word === name || word.startsWith(`${name}:`));
  const shown = (name: string) => {
    const macro = [...macros].find(([, value]) => value === name)?.[0];
    return macro === undefined ? name : `$${macro}`;
  };
  const inside = machine.inside.filter(isSaid).map(shown);
  const outside = isSaid(machine.outside) ? shown(machine.outside) : isSaid("egress") ? "egress" : undefined;
  return {
    ...(inside.length > 0 && { inside: inside.length === 1 ? (inside[0] as string) : `{ ${inside.join(" ")} }` }),
    ...(outside !== undefined && { outside }),
  };
}
