/**
 * What checks work on: the parsed rule set, the machine that it is tried on, and for each address family in use how an
 * FTP session went through it. What the options leave out is guessed from the rules.
 *
 * @example
 * analyse("block\npass out\n", {}).sessions[0].packets[0].ok // false: nothing diverts the control connection
 */

import { addressOf, inNetwork, networkOf } from "../../pf/engine/tables/address.ts";
import type { Era } from "../../pf/language/eras.ts";
import type { Diagnostic } from "../../pf/language/parse.ts";
import type { Family } from "../../pf/packet.ts";
import type { FilterRule } from "../../pf/rule.ts";
import type { Ruleset } from "../../pf/ruleset.ts";
import { type Endpoints, possibleEndpoints } from "./endpoints.ts";
import { familiesInUse, type Machine } from "./machine.ts";
import { type ReadOptions, type ReadRules, readRules, withTranslations } from "./read-rules.ts";
import { FTP, filterRules, isForFtp, isLocal, isLoopbackAddress } from "./rule-facts.ts";
import { withTablesFilled } from "./run-time-tables.ts";
import { openTrialFirewall, type TrialFirewallOptions } from "./trial-firewall.ts";
import { type TrialSession, trySession } from "./trial-session.ts";

export interface LintOptions extends ReadOptions {
  /** `ftp-proxy -R`; guessed from the rules if not given. */
  readonly reverse?: boolean;
  /** Where the proxy listens: 8021, or 21 with `-R`. */
  readonly port?: number;
  /** `ftp-proxy -T`. */
  readonly tag?: string;
}

export interface Analysis extends ReadRules {
  readonly text: string;
  readonly options: LintOptions;
  /** Tables that are filled at run time: here they hold everybody. */
  readonly filled: readonly string[];
  readonly reverse: boolean;
  readonly port: number;
  readonly tag: string | undefined;
  readonly ruleset: Ruleset;
  readonly errors: readonly Diagnostic[];
  /** The most successful trial session for each family in use. */
  readonly sessions: readonly TrialSession[];
  /** Families in use for which nobody could be cast: the machine has no such addresses. */
  readonly families: readonly Family[];
}

/** ftp-proxy(8): where it listens. */
const DEFAULT_PORT = 8021;

export function analyse(text: string, options: LintOptions): Analysis {
  const read = readRules(text, options);
  const { statements, era, evidence, machine, parsed } = read;
  const { errors } = parsed;
  const { ruleset, filled } = withTablesFilled(parsed.ruleset);
  const reverse = options.reverse ?? isReverse(withTranslations(ruleset), machine);
  const mustRedirect = era !== "divert-to";
  const direct = reverse && !mustRedirect && !filterRules(ruleset).some(({ divert }) => divert?.kind === "divert-to");
  const port = options.port ?? (direct ? FTP : DEFAULT_PORT);
  const families = familiesInUse(statements, machine, reverse ? evidence.ftpServers : []);
  const dialledPort = direct ? port : FTP;
  const setup = { reverse, port, dialledPort, mustRedirect, ...(options.tag !== undefined && { tag: options.tag }) };
  const sessions = families.flatMap((family) => {
    const found = possibleEndpoints(machine, evidence, family, reverse);
    return (
      best(found, (endpoints) =>
        trySession(openTrialFirewall(ruleset, firewallOptions(era, machine, endpoints)), endpoints, setup),
      ) ?? []
    );
  });
  const { tag } = options;
  return { ...read, text, options, reverse, port, tag, ruleset, filled, errors, machine, sessions, families };
}

const firewallOptions = (era: Era, machine: Machine, endpoints: Endpoints): TrialFirewallOptions => ({
  era,
  interfaces: machine.interfaces,
  route: (destination) => routeOf(machine, endpoints, destination),
});

/** The endpoints' own hosts are at their interfaces; others follow the networks of the interfaces. */
function routeOf(machine: Machine, endpoints: Endpoints, destination: string): { readonly interface: string } {
  if (destination === endpoints.client) return { interface: endpoints.clientInterface };
  if (destination === endpoints.server) return { interface: endpoints.serverInterface };
  const address = addressOf(destination);
  const connected = machine.interfaces.find(({ addresses }) =>
    addresses.some(
      (own) =>
        addressOf(own.address).family === address.family && inNetwork(address, networkOf(own.address, own.prefix)),
    ),
  );
  return { interface: connected?.name ?? machine.outside };
}

/** The trial session that got furthest; the first in which all is fine ends the search. */
function best(list: readonly Endpoints[], play: (endpoints: Endpoints) => TrialSession): TrialSession | undefined {
  let found: TrialSession | undefined;
  for (const endpoints of list) {
    const session = play(endpoints);
    if (found === undefined || session.ok > found.ok) found = session;
    if (session.ok === session.packets.length) break;
  }
  return found;
}

/**
 * Is the set-up one for `ftp-proxy -R`? Then connections to port ftp of an address of the firewall are let in, and the
 * proxy's go out to one server.
 */
function isReverse(ruleset: Ruleset, machine: Machine): boolean {
  const forFtp = filterRules(ruleset).filter((rule) => rule.action !== "block" && isForFtp(rule));
  const arriving = forFtp.filter((rule) => rule.direction !== "out");
  if (arriving.length === 0) return false;
  const served = forFtp.filter((rule) => rule.direction === "out" && isHost(rule));
  return (
    (served.length > 0 || arriving.some((rule) => comesFromOutside(rule, machine))) &&
    arriving.every((rule) => !goesToServer(rule) && isHost(rule) && !comesFromInside(rule, machine))
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

/** To the proxy, by an interface that looks outside. */
const comesFromOutside = ({ interface: on, divert, rdrTo }: FilterRule, { outside }: Machine): boolean =>
  (divert?.kind === "divert-to" || rdrTo !== undefined) &&
  on !== undefined &&
  !on.negated &&
  (on.name === "egress" || on.name === outside);

/** Clients of a forward set-up may be held to one server as well. */
function comesFromInside({ interface: on, source }: FilterRule, machine: Machine): boolean {
  if (on !== undefined && !on.negated && machine.inside.includes(on.name)) return true;
  // A network of one's own as the source: no host outside has such an address.
  return source.address.kind === "network" && !source.negated && isLocal(source.address);
}
