/**
 * Parses a rule set, guesses what is not said, and lets a session play through it.
 */

import { addressOf, inNetwork, networkOf } from "../../pf/engine/tables/address.ts";
import type { Era } from "../../pf/language/eras.ts";
import type { Analysis, LintOptions } from "./analysis.ts";
import { type Cast, casts } from "./cast.ts";
import { familiesInUse } from "./families.ts";
import { type GateOptions, openGate } from "./gate.ts";
import { readRules, withTranslations } from "./read-rules.ts";
import { type Rehearsal, rehearse } from "./rehearsal.ts";
import { isReverse } from "./reverse.ts";
import { FTP, filterRules } from "./rule-facts.ts";
import type { Site } from "./site.ts";

/** ftp-proxy(8): where it listens. */
const DEFAULT_PORT = 8021;

export function analyse(text: string, options: LintOptions): Analysis {
  const { statements, era, evidence, site, parsed } = readRules(text, options);
  const { ruleset, errors } = parsed;
  const reverse = options.reverse ?? isReverse(withTranslations(ruleset), site);
  const mustRedirect = era !== "divert-to";
  const direct = reverse && !mustRedirect && !filterRules(ruleset).some(({ divert }) => divert?.kind === "divert-to");
  const port = options.port ?? (direct ? FTP : DEFAULT_PORT);
  const families = familiesInUse(statements, site, reverse ? evidence.ftpServers : []);
  const dialledPort = direct ? port : FTP;
  const manner = { reverse, port, dialledPort, mustRedirect, ...(options.tag !== undefined && { tag: options.tag }) };
  const rehearsals = families.flatMap((family) => {
    const found = casts(site, evidence, family, reverse);
    return best(found, (cast) => rehearse(openGate(ruleset, gateOptions(era, site, cast)), cast, manner)) ?? [];
  });
  return { text, statements, era, reverse, port, tag: options.tag, ruleset, errors, site, rehearsals, families };
}

const gateOptions = (era: Era, site: Site, cast: Cast): GateOptions => ({
  era,
  interfaces: site.interfaces,
  route: (destination) => routeOf(site, cast, destination),
});

/** The cast's hosts are where it says; others by the networks of the interfaces. */
function routeOf(site: Site, cast: Cast, destination: string): { readonly interface: string } {
  if (destination === cast.client) return { interface: cast.clientInterface };
  if (destination === cast.server) return { interface: cast.serverInterface };
  const address = addressOf(destination);
  const connected = site.interfaces.find(({ addresses }) =>
    addresses.some(
      (own) =>
        addressOf(own.address).family === address.family && inNetwork(address, networkOf(own.address, own.prefix)),
    ),
  );
  return { interface: connected?.name ?? site.outside };
}

/** The rehearsal that got furthest; the first in which all is fine ends the search. */
function best(list: readonly Cast[], play: (cast: Cast) => Rehearsal): Rehearsal | undefined {
  let found: Rehearsal | undefined;
  for (const cast of list) {
    const rehearsal = play(cast);
    if (found === undefined || rehearsal.fine > found.fine) found = rehearsal;
    if (rehearsal.fine === rehearsal.steps.length) break;
  }
  return found;
}
