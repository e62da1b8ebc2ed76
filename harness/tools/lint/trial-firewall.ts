/**
 * A loaded rule set that packets can be put to, with what they met: the same for all eras.
 */

import { proxyOwner } from "../../labs/model/firewall.ts";
import type { Decision, PacketNotes, RulePosition } from "../../pf/decision.ts";
import { Firewall } from "../../pf/engine/firewall.ts";
import { type Consideration, Trace } from "../../pf/engine/rules/trace.ts";
import type { Era } from "../../pf/language/eras.ts";
import { parseRuleset } from "../../pf/language/parse.ts";
import type { Packet } from "../../pf/packet.ts";
import type { Direction } from "../../pf/rule.ts";
import type { Interface, Ruleset } from "../../pf/ruleset.ts";
import { classicRules, type Mode, modernRules } from "./data-rules.ts";
import type { Endpoints } from "./endpoints.ts";

/** The anchor that holds the proxy's rules of the trial session. */
export const SESSION = "ftp-proxy/1.1";

export interface TrialResult {
  readonly verdict: "pass" | "drop";
  /** As it goes on; as it came if it is dropped. */
  readonly packet: Packet;
  readonly divert?: { readonly address: string; readonly port: number };
  /** Filter rules that had a say, the last decided; the translation rule where it passed the packet by itself. */
  readonly rules: readonly RulePosition[];
  /** Filter rules that were asked. */
  readonly met: readonly Consideration[];
  /** Before 4.7: translation rules that were asked, before any filter rule. */
  readonly translation?: readonly Consideration[];
  /** The interface is one of `set skip`: PF evaluated no rules. */
  readonly skipped: boolean;
  /** It made a state or belongs to one. */
  readonly stateful: boolean;
}

export interface TrialFirewall {
  test(direction: Direction, interfaceName: string, packet: Packet, notes: PacketNotes): TrialResult;
  /** Puts the rules for one data connection into the anchor. */
  loadSession(endpoints: Endpoints, mode: Mode, tag: string | undefined): void;
}

export interface TrialFirewallOptions {
  readonly era: Era;
  readonly interfaces: readonly Interface[];
  /** The interface towards each host. */
  readonly route: (destination: string) => { readonly interface: string } | undefined;
}

export function openTrialFirewall(ruleset: Ruleset, options: TrialFirewallOptions): TrialFirewall {
  const { era, interfaces, route } = options;
  const classic = era === "rdr-anchor";
  const trace = new Trace();
  const firewall: Firewall = new Firewall({
    interfaces,
    route,
    now: () => 0,
    // What would happen by chance happens in the middle.
    random: (below) => Math.floor(below / 2),
    owner: (direction) => proxyOwner(firewall, direction),
    walk: "plain",
    considered: trace.considered,
  });
  firewall.load("", ruleset);
  return {
    test(direction, on, packet, notes) {
      const decision = firewall.test(direction, on, packet, notes);
      return result(decision, packet, trace.take(), isSkipped(firewall, on), classic);
    },
    loadSession(endpoints, mode, tag) {
      const text = classic ? classicRules(endpoints, mode, tag) : modernRules(endpoints, mode, tag);
      firewall.load(SESSION, parseRuleset(text, { interfaces, anchor: SESSION, era }).ruleset);
    },
  };
}

const isSkipped = ({ settings, interfaces }: Firewall, name: string): boolean =>
  [...settings.skip].some((skipped) => interfaces.matches(skipped, name));

/** `nat 0`, `rdr 1/4711.1/0`. */
const isTranslation = ({ path }: { readonly path: string }): boolean => /^(?:nat|rdr|binat) /.test(path);

function result(
  decision: Decision,
  packet: Packet,
  all: readonly Consideration[],
  skipped: boolean,
  classic: boolean,
): TrialResult {
  const filtering = decision.rules.filter((rule) => !isTranslation(rule));
  const common = {
    rules: filtering.length > 0 ? filtering : decision.rules,
    met: all.filter((met) => !isTranslation(met)),
    ...(classic && { translation: all.filter(isTranslation) }),
    skipped,
  };
  if (decision.verdict === "drop") return { ...common, verdict: "drop", packet, stateful: false };
  const { divert } = decision;
  return {
    ...common,
    verdict: "pass",
    packet: decision.packet,
    ...(divert !== undefined && divert !== "reply" && { divert }),
    stateful: decision.state !== undefined,
  };
}
