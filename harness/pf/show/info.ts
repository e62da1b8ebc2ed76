/**
 * `pfctl -si`, `-sm`, `-st`, `-sI`: the kernel's counters and settings.
 */

import { type InterfaceTraffic, LIMIT_COUNTERS, REASONS, trafficKey } from "../engine/counters.ts";
import type { Firewall } from "../engine/firewall.ts";
import { sipHash24 } from "../engine/translation/siphash.ts";
import { timeoutNames } from "../language/names/timeouts.ts";
import { clock, ctime, left, right } from "./columns.ts";
import { showRules } from "./rules.ts";

const DAY = 86400;
/** pf_ioctl.c: no limit. */
const UNLIMITED = 0xffffffff;

export function showInfo(firewall: Firewall, verbose = 0): string[] {
  const { counters, settings } = firewall;
  const seconds = Math.floor((firewall.now() - firewall.since) / 1000);
  const word = settings.enabled ? "Enabled" : "Disabled";
  const since = seconds > 0 ? ` for ${Math.floor(seconds / DAY)} days ${clock(seconds % DAY)}` : "";
  const lines = [`${left(`Status: ${word}${since}`, 44)}${right(`Debug: ${settings.debug}`, 15)}`, ""];
  if (verbose > 0) {
    const hostid = settings.hostid.toString(16).padStart(8, "0");
    lines.push(`Hostid:   0x${hostid}`, `Checksum: 0x${checksum(firewall)}`, "");
  }
  const count = (name: string, value: number): string => `  ${left(name, 25)} ${right(value, 14)} ${right("", 14)}`;
  const rate = (name: string, value: number): string => {
    const perSecond = seconds > 0 ? `${right((value / seconds).toFixed(1), 14)}/s` : right("", 14);
    return `  ${left(name, 25)} ${right(value, 14)} ${perSecond}`;
  };
  const block = ({ searches, inserts, removals }: { searches: number; inserts: number; removals: number }) => [
    rate("searches", searches),
    rate("inserts", inserts),
    rate("removals", removals),
  ];
  lines.push(
    `${left("State Table", 27)} ${right("Total", 14)} ${right("Rate", 16)}`,
    count("current entries", firewall.stateTable.size),
    count("half-open tcp", firewall.stateTable.halfOpen),
    ...block(counters.states),
  );
  if (verbose > 0) {
    lines.push("Source Tracking Table", count("current entries", firewall.sources.size), ...block(counters.sources));
    lines.push("Fragments", count("current entries", 0), ...block(counters.fragments));
  }
  lines.push("Counters", ...REASONS.map((name) => rate(name, counters.reasons[name])));
  if (verbose > 0) {
    lines.push("Limit Counters", ...LIMIT_COUNTERS.map((name) => rate(name, counters.limits[name])));
    // pf_syncookies.c: 25 and 12.5 per cent of the state limit.
    const { states } = settings.limits;
    const mark = (name: string, value: number) => `  ${left(name, 25)} ${right(value, 14)} states`;
    lines.push("Adaptive Syncookies Watermarks");
    lines.push(mark("start", Math.floor(states / 4)), mark("end", Math.floor(states / 8)));
  }
  return lines;
}

/** 32 hex digits that change with the rules. The kernel's MD5 is over structures that the model does not have. */
function checksum(firewall: Firewall): string {
  const text = new TextEncoder().encode((showRules(firewall, "") ?? []).join("\n"));
  const half = (key: number) => sipHash24(new Uint8Array(16).fill(key), text).toString(16).padStart(16, "0");
  return half(0) + half(1);
}

export function showTimeouts({ settings }: Firewall): string[] {
  return timeoutNames.map((name) => {
    const unit = name.startsWith("adaptive.") ? " states" : "s";
    return `${left(name, 20)} ${right(settings.timeouts[name], 10)}${unit}`;
  });
}

export function showLimits({ settings }: Firewall): string[] {
  return Object.entries(settings.limits).map(
    ([name, value]) => `${left(name, 13)} hard limit ${right(value >= UNLIMITED ? "unlimited" : value, 8)}`,
  );
}

export function showInterfaces(firewall: Firewall, verbose = 0, only?: string): string[] {
  const { interfaces, settings, counters } = firewall;
  const skipped = (name: string) => [...settings.skip].some((skip) => skip === name || interfaces.matches(skip, name));
  return interfaces
    .names()
    .filter((name) => only === undefined || name === only)
    .flatMap((name) => {
      const line = verbose > 0 && skipped(name) ? `${name} (skip)` : name;
      if (verbose < 2) return [line];
      const states = firewall.states().filter((state) => state.interface === name).length;
      const references = `[ States:  ${left(states, 18)} Rules: ${left(ruleReferences(firewall, name), 18)} ]`;
      const traffic = counters.interfaces.get(name);
      return [
        line,
        `\tCleared:     ${ctime(firewall.since)}`,
        `\tReferences:  ${references}`,
        ...trafficLines(traffic),
      ];
    });
}

function ruleReferences(firewall: Firewall, name: string): number {
  // The default rule holds "all".
  let count = name === "all" ? 1 : 0;
  for (const path of ["", ...firewall.anchors()]) {
    for (const { rule } of firewall.rules(path) ?? []) {
      if (rule.interface?.name === name) count++;
      if (rule.receivedOn?.name === name) count++;
      const ends = [rule.source.address, rule.destination.address];
      const pools = rule.kind === "filter" ? [rule.natTo?.address, rule.rdrTo?.address] : [];
      for (const spec of [...ends, ...pools]) if (spec?.kind === "dynamic" && spec.interface === name) count++;
    }
  }
  return count;
}

function trafficLines(traffic: InterfaceTraffic | undefined): string[] {
  const lines: string[] = [];
  for (const family of [4, 6] as const) {
    for (const direction of ["in", "out"] as const) {
      for (const passed of [true, false]) {
        const { packets, bytes } = traffic?.get(trafficKey(direction, family, passed)) ?? { packets: 0, bytes: 0 };
        const name = `${direction === "in" ? "In" : "Out"}${family}/${passed ? "Pass" : "Block"}:`;
        lines.push(`\t${left(name, 12)} [ Packets: ${left(packets, 18)} Bytes: ${left(bytes, 18)} ]`);
      }
    }
  }
  return lines;
}
