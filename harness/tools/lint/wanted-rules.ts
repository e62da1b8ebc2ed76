/** The rules that a set-up for ftp-proxy needs, written for this rule set: its era, its names of interfaces. */

import type { Family } from "../../pf/packet.ts";
import { type Analysis, sideNames } from "./analysis.ts";
import { listenAddress } from "./rehearsal.ts";

/** `on $int_if`; nothing if the rule set names no interface for that side. */
function on(analysis: Analysis, side: "inside" | "outside"): string {
  const name = sideNames(analysis)[side];
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
  const { outside = "egress" } = sideNames(analysis);
  const side = analysis.reverse ? "inside" : "outside";
  const from = analysis.era === "divert-to" ? "(self)" : analysis.reverse ? "any" : `(${outside})`;
  const to = analysis.reverse ? serverOf(analysis, family) : "any";
  return `pass out ${quick ? "quick " : ""}${on(analysis, side)}${family} proto tcp from ${from} to ${to} port ftp`;
}

/** `-R`: who dials the proxy. */
export function publicRule(analysis: Analysis, family: Family, quick: boolean): string {
  const dialled = analysis.rehearsals.find(({ cast }) => cast.family === family)?.cast.dialled ?? "(egress)";
  const guessed = analysis.site.guessed && !analysis.text.includes(dialled);
  const to = guessed ? `(${sideNames(analysis).outside ?? "egress"})` : dialled;
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

function serverOf({ rehearsals, text }: Analysis, family: Family): string {
  const server = rehearsals.find(({ cast }) => cast.family === family)?.cast.server;
  return server !== undefined && text.includes(server) ? server : "any";
}
