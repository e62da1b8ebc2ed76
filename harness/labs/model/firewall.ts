/**
 * The model of PF as the firewall of a lab, for any kind of wires: the engine, with the pfctl(8) of the era. It
 * reports events to the lab. The same pfctl loads the main ruleset.
 *
 * @example
 * const model = modelFirewall({ era: "divert-to", interfaces, now, random, readFile, network, tell });
 * model.loadPfConf("/etc/pf.conf");
 * wire.setFilter(model.firewall);
 */

import type { Era, LabEvent } from "../../contract/lab.ts";
import type { Loss } from "../../net/ip/forwarder.ts";
import { Firewall, type FirewallOptions } from "../../pf/engine/firewall.ts";
import type { SocketOwner } from "../../pf/engine/kernel.ts";
import type { Packet } from "../../pf/packet.ts";
import { type CommandResult, pfctl } from "../../pf/pfctl.ts";
import type { OwnerOperator } from "../../pf/rule.ts";
import { showRules, showTranslations } from "../../pf/show/rules.ts";

export interface ModelFirewallOptions
  extends Pick<FirewallOptions, "interfaces" | "now" | "random" | "route" | "owner"> {
  readonly era: Era;
  /** The release whose pfctl this is; by default the era's newest. */
  readonly release?: string;
  /** pf.conf is of another machine, whose users and services need not be known here. */
  readonly elsewhere?: boolean;
  /** The firewall's files, for `pfctl -f`; undefined: there is no such file. */
  readonly readFile: (path: string) => string | undefined;
  /** The network of an interface. */
  readonly network: (interfaceName: string) => "inside" | "outside";
  readonly tell: (event: LabEvent) => void;
  /** A comment for a capture, beside a packet or beside the next one. */
  readonly comment?: (text: string, about?: Packet) => void;
}

export interface ModelFirewall {
  readonly firewall: Firewall;
  /** pfctl(8) on the firewall. */
  pfctl(args: readonly string[], stdin?: string): CommandResult;
  /** Throws PfConfError. */
  loadPfConf(path: string): void;
  /** Reports a packet that passed the rules and got stuck. */
  lost(packet: Packet, loss: Loss): void;
}

/** pf.conf does not load: the play cannot begin. */
export class PfConfError extends Error {
  override readonly name = "PfConfError";
}

/** Where the proxy's anchors are. */
const PROXY_ANCHORS = "ftp-proxy/";

export function modelFirewall(options: ModelFirewallOptions): ModelFirewall {
  const { era, release, elsewhere, now, random, readFile, network, tell, comment = () => {}, ...place } = options;
  const firewall: Firewall = new Firewall({
    ...place,
    now,
    random,
    observer: {
      committed(anchors) {
        for (const anchor of anchors) {
          if (!anchor.startsWith(PROXY_ANCHORS)) continue;
          const rules = rulesIn(firewall, anchor);
          comment(rules.length === 0 ? `${anchor} is empty` : `${anchor} holds\n${rules.join("\n")}`);
          tell({ kind: "anchor", atMs: now(), anchor, rules });
        }
      },
      stateCreated: (state) => tell({ kind: "state", atMs: now(), event: "created", state }),
      stateRemoved: (state, _, timeout) =>
        tell({ kind: "state", atMs: now(), event: "removed", state, ...(timeout && { timedOut: timeout }) }),
      dropped(direction, name, packet, { reason, rules }) {
        const rule = rules.at(-1);
        comment(`dropped ${direction} on ${name}: ${reason}${rule === undefined ? "" : `: ${rule.text}`}`, packet);
        tell({
          kind: "drop",
          atMs: now(),
          interface: name,
          network: network(name),
          direction,
          packet,
          reason,
          ...(rule === undefined ? {} : { rule }),
        });
      },
    },
  });
  const language = { era, ...(release !== undefined && { release }), ...(elsewhere && { absent: () => {} }) };
  const run = (args: readonly string[], stdin = "") =>
    pfctl(args, { ...language, stdin, firewall, readFile, random: () => random(2 ** 32) });
  return {
    firewall,
    pfctl: run,
    loadPfConf(path) {
      const { status, stderr } = run(["-f", path]);
      if (status !== 0) throw new PfConfError(stderr.trim());
    },
    lost(packet, loss) {
      const { interface: name, direction, reason } = loss;
      const stuck = lossInWords(loss);
      comment(`lost ${direction} on ${name}: ${stuck}`, packet);
      tell({
        kind: "drop",
        atMs: now(),
        ...{ interface: name, network: network(name), direction, packet, reason, stuck },
        ...("rule" in loss && loss.rule !== undefined ? { rule: loss.rule } : {}),
      });
    },
  };
}

/** uid and gid of _ftp_proxy, and of FreeBSD's proxy. */
const OPENBSD_PROXY = 109;
const FREEBSD_PROXY = 62;

/** ftp-proxy opens its listening sockets as root and connects as its own user: FreeBSD's where rules name that one. */
export function proxyOwner(firewall: Firewall, direction: "in" | "out"): SocketOwner {
  if (direction === "in") return { uid: 0, gid: 0 };
  const names = (owner: OwnerOperator | undefined) =>
    owner !== undefined && "value" in owner && owner.value === FREEBSD_PROXY;
  const rules = firewall.rules() ?? [];
  const uid = rules.some(({ filter }) => names(filter?.user) || names(filter?.group)) ? FREEBSD_PROXY : OPENBSD_PROXY;
  return { uid, gid: uid };
}

function lossInWords(loss: Loss): string {
  switch (loss.reason) {
    case "ttl":
      return "its TTL ran out";
    case "scope":
      return "a link-local source is not forwarded";
    case "no-route":
      return `no route to ${loss.nextHop}`;
    case "no-neighbour":
      return `no host has the address ${loss.nextHop}`;
    case "too-big":
      return `${loss.length} bytes, the MTU is ${loss.mtu}, and it must not be fragmented`;
  }
}

/** As `pfctl -sn` and `pfctl -sr` show them, ports as numbers. */
const rulesIn = (firewall: Firewall, anchor: string): string[] => [
  ...(showTranslations(firewall, anchor, { portNames: false }) ?? []),
  ...(showRules(firewall, anchor, { portNames: false }) ?? []),
];
