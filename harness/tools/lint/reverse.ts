/**
 * Is this a set-up for `ftp-proxy -R`? There connections to port ftp of an address of the firewall's own are let in (or
 * diverted), and the proxy's go out to one server.
 */

import type { FilterRule } from "../../pf/rule.ts";
import type { Ruleset } from "../../pf/ruleset.ts";
import { isLocal } from "./evidence.ts";
import { filterRules, isForFtp, isLoopbackAddress } from "./rule-facts.ts";
import type { Site } from "./site.ts";

export function isReverse(ruleset: Ruleset, site: Site): boolean {
  const forFtp = filterRules(ruleset).filter((rule) => rule.action !== "block" && isForFtp(rule));
  const arriving = forFtp.filter((rule) => rule.direction !== "out");
  if (arriving.length === 0) return false;
  const served = forFtp.filter((rule) => rule.direction === "out" && isHost(rule));
  return (
    served.length > 0 && arriving.every((rule) => !goesToServer(rule) && isHost(rule) && !comesFromInside(rule, site))
  );
}

/** Redirected past any proxy. Until 4.9, and on FreeBSD, a redirection to the proxy itself is part of the set-up. */
const goesToServer = ({ rdrTo }: FilterRule): boolean =>
  rdrTo !== undefined && !(rdrTo.address.kind === "network" && isLoopbackAddress(rdrTo.address.address));

/** `to PUBLIC`, `to (egress)`: one machine, not the world. */
function isHost({ destination: { address, negated } }: FilterRule): boolean {
  if (negated) return false;
  if (address.kind === "dynamic") return !address.modifiers.includes("network");
  return address.kind === "network" && address.prefix === (address.family === "inet" ? 32 : 128);
}

/** Clients of a forward set-up may be held to one server as well. */
function comesFromInside({ interface: on, source }: FilterRule, site: Site): boolean {
  if (on !== undefined && !on.negated && site.inside.includes(on.name)) return true;
  // A network of one's own as the source: nobody out there has such an address.
  return source.address.kind === "network" && !source.negated && isLocal(source.address);
}
