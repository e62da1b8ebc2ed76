/**
 * Rules that ftp-proxy(8) loads by ioctl, from the lines in which the cases record its transactions.
 *
 * @example
 * "init 4711 - 0", "begin 1", "rdr 1 10.0.0.2 0 198.51.100.9 50365 198.51.100.9 50000 0", "commit"
 */

import type { Firewall } from "../../../pf/engine/firewall.ts";
import type { Transaction } from "../../../pf/engine/rules/rulesets.ts";
import { NAT_PORTS } from "../../../pf/language/tokens/limits.ts";
import { type Family, PROTOCOL, TCP_FLAG } from "../../../pf/packet.ts";
import type { AddressSpec, FilterRule } from "../../../pf/rule.ts";
import type { Ruleset } from "../../../pf/ruleset.ts";

const { S, A } = TCP_FLAG;

export class FtpTransactions {
  readonly #firewall: Firewall;
  #pid = "0";
  #tag: string | undefined;
  #verbose = 0;
  #open: { readonly anchor: string; readonly transaction: Transaction; readonly rules: FilterRule[] } | undefined;

  constructor(firewall: Firewall) {
    this.#firewall = firewall;
  }

  run(lines: string): void {
    for (const line of lines.split("\n")) {
      const words = line.trim().split(/\s+/);
      switch (words[0]) {
        case "init":
          this.#pid = words[1] ?? "0";
          this.#tag = words[2] === "-" ? undefined : words[2];
          this.#verbose = Number(words[3] ?? 0);
          break;
        case "begin":
          this.#begin(words[1] ?? "0");
          break;
        case "rdr":
          this.#open?.rules.push(this.#redirection(words.slice(2)));
          break;
        case "nat":
          this.#open?.rules.push(this.#translation(words.slice(2)));
          break;
        case "commit":
          this.#end(true);
          break;
        case "rollback":
          this.#end(false);
          break;
      }
    }
  }

  #begin(id: string): void {
    this.#end(false);
    const transaction = this.#firewall.begin();
    const anchor = `ftp-proxy/${this.#pid}.${id}`;
    this.#open = { anchor, transaction, rules: [] };
  }

  #end(commit: boolean): void {
    if (this.#open === undefined) return;
    const { anchor, transaction, rules } = this.#open;
    this.#open = undefined;
    const ruleset: Ruleset = { options: {}, tables: [], queues: [], rules, loads: [] };
    this.#firewall.put(transaction, anchor, ruleset);
    if (commit) this.#firewall.commit(transaction);
    else this.#firewall.rollback(transaction);
  }

  /** rdr ID src rdomain dst dport rdr rport rdomain */
  #redirection([src, rdomain, dst, port, target, targetPort, rtable]: readonly string[]): FilterRule {
    return {
      ...this.#rule("in", src, rdomain, dst, port),
      rtable: Number(rtable),
      rdrTo: { address: host(target), port: { from: Number(targetPort), to: 0 } },
    };
  }

  /** nat ID src rdomain dst dport nat low high */
  #translation([src, rdomain, dst, port, nat, low, high]: readonly string[]): FilterRule {
    return {
      ...this.#rule("out", src, rdomain, dst, port),
      natTo: {
        address: host(nat),
        ...((Number(low) !== NAT_PORTS.from || Number(high) !== NAT_PORTS.to) && {
          port: { from: Number(low), to: Number(high) },
        }),
      },
    };
  }

  #rule(
    direction: "in" | "out",
    src: string | undefined,
    rdomain: string | undefined,
    dst: string | undefined,
    port: string | undefined,
  ): FilterRule {
    const tag = this.#tag;
    return {
      kind: "filter",
      line: 0,
      // ftp-proxy(8): with -T the rules only tag, and other rules must pass.
      action: tag === undefined ? "pass" : "match",
      ...(tag === undefined ? { quick: true } : { tag }),
      direction,
      ...(this.#verbose > 0 && { log: this.#verbose > 1 ? { all: true } : {} }),
      rdomain: { number: Number(rdomain), negated: false },
      family: familyOf(src),
      protocol: PROTOCOL.tcp,
      source: { address: host(src), negated: false },
      destination: { address: host(dst), negated: false, port: { op: "=", value: Number(port) } },
      flags: { set: S, mask: S | A },
      state: "keep",
      stateOptions: { max: 1 },
    };
  }
}

const familyOf = (address: string | undefined): Family => (address?.includes(":") ? "inet6" : "inet");

function host(address = ""): AddressSpec {
  const family = familyOf(address);
  return { kind: "network", family, address, prefix: family === "inet" ? 32 : 128 };
}
