/**
 * A loaded rule set that packets can be put to, with what they met: the same for all eras.
 */

import type { Decision, PacketNotes, RulePosition } from "../pf/decision.ts";
import { Firewall, newNotes } from "../pf/engine/firewall.ts";
import { type Consideration, Trace } from "../pf/engine/trace.ts";
import { parseRuleset } from "../pf/language/parse.ts";
import type { Packet } from "../pf/packet.ts";
import type { Direction } from "../pf/rule.ts";
import type { Interface, Ruleset } from "../pf/ruleset.ts";
import type { Cast } from "./cast.ts";
import { classicRules, type Mode, modernRules } from "./data-rules.ts";

/** Where the proxy's rules of the rehearsal are loaded. */
export const SESSION = "ftp-proxy/1.1";

export interface Judged {
  readonly verdict: "pass" | "drop";
  /** As it goes on; as it came if it is dropped. */
  readonly packet: Packet;
  readonly divert?: { readonly address: string; readonly port: number };
  /** Rules that had a say; the last decided. */
  readonly rules: readonly RulePosition[];
  readonly met: readonly Consideration[];
  /** Before 4.7: what the translation rules made of it, before the filter rules were asked. */
  readonly translation?: Judged;
  /** It made a state or belongs to one. */
  readonly stateful: boolean;
}

export interface Gate {
  test(direction: Direction, interfaceName: string, packet: Packet, notes: PacketNotes): Judged;
  /** Puts the rules for one data connection into the anchor. */
  loadSession(cast: Cast, mode: Mode, tag: string | undefined): void;
}

export interface GateOptions {
  readonly interfaces: readonly Interface[];
  /** Where hosts of the cast are. */
  readonly route: (destination: string) => { readonly interface: string } | undefined;
}

/** OpenBSD: uid and gid of _ftp_proxy; FreeBSD: proxy. */
const PROXY_OWNERS = [109, 62];

export function modernGate(ruleset: Ruleset, options: GateOptions): Gate {
  const { firewall, trace } = tracedFirewall(options, [ruleset]);
  firewall.load("", ruleset);
  return {
    test: (direction, on, packet, notes) => judged(firewall.test(direction, on, packet, notes), packet, trace.take()),
    loadSession: (cast, mode, tag) => loadText(firewall, modernRules(cast, mode, tag), options),
  };
}

/**
 * Before 4.7: translation first, where the first match wins, then filter rules on the translated packet. Here these are
 * two firewalls, one after the other; in the first, translation rules stand as `match quick`.
 */
export function classicGate(translation: Ruleset, filter: Ruleset, options: GateOptions): Gate {
  const first = tracedFirewall(options, [translation]);
  const second = tracedFirewall(options, [filter]);
  // Translations take effect through states, so something has to pass.
  const pass = parseRuleset("pass flags any\n", { interfaces: [] }).ruleset.rules;
  first.firewall.load("", { ...translation, rules: [...pass, ...translation.rules] });
  second.firewall.load("", filter);
  return {
    test(direction, on, packet, notes) {
      const decision = first.firewall.test(direction, on, packet, newNotes());
      const all = judged(decision, packet, first.trace.take());
      const met = all.met.filter(({ path }) => path !== PASS_PATH);
      const translation = { ...all, met, rules: all.rules.filter(({ path }) => path !== PASS_PATH) };
      const deciding = met.find(({ missed, rule }) => missed === undefined && rule.filter !== undefined);
      if (deciding?.rule.rule.label === PASSES) return { ...translation, translation };
      const passed = second.firewall.test(direction, on, all.packet, notes);
      return { ...judged(passed, all.packet, second.trace.take()), translation };
    },
    loadSession(cast, mode, tag) {
      const rules = classicRules(cast, mode, tag);
      loadText(first.firewall, rules.translation, options);
      loadText(second.firewall, rules.filter, options);
    },
  };
}

/** Of the rule that was put in front of the translation rules. */
const PASS_PATH = "0";

/** Label of a `match` rule that stands for `nat pass` or `rdr pass`: no filter rule is asked. */
export const PASSES = "translation passes";

function tracedFirewall({ interfaces, route }: GateOptions, rulesets: readonly Ruleset[]) {
  const trace = new Trace();
  const uid = rulesets.some((ruleset) => mentionsUser(ruleset, PROXY_OWNERS[1] as number)) ? 62 : 109;
  const firewall = new Firewall({
    interfaces,
    route,
    now: () => 0,
    // What would happen by chance happens in the middle.
    random: (below) => Math.floor(below / 2),
    // ftp-proxy listens as root and connects as its own user.
    owner: (direction) => (direction === "in" ? { uid: 0, gid: 0 } : { uid, gid: uid }),
    walk: "plain",
    considered: trace.considered,
  });
  return { firewall, trace };
}

const mentionsUser = ({ rules }: Ruleset, uid: number): boolean =>
  rules.some(({ user }) => user !== undefined && "value" in user && user.value === uid);

function loadText(firewall: Firewall, text: string, { interfaces }: GateOptions): void {
  firewall.load(SESSION, parseRuleset(text, { interfaces, anchor: SESSION }).ruleset);
}

function judged(decision: Decision, packet: Packet, met: readonly Consideration[]): Judged {
  const { rules } = decision;
  if (decision.verdict === "drop") return { verdict: "drop", packet, rules, met, stateful: false };
  const { divert } = decision;
  return {
    verdict: "pass",
    packet: decision.packet,
    ...(divert !== undefined && divert !== "reply" && { divert }),
    rules,
    met,
    stateful: decision.state !== undefined,
  };
}
