/**
 * `pfctl -s`: calls the printer of what is asked for (harness/pf/show), and prints `-s all` under headings.
 */

import type { Firewall } from "../engine/firewall.ts";
import type { Era } from "../language/eras.ts";
import { showInfo, showInterfaces, showLimits, showTimeouts } from "../show/info.ts";
import { showAnchors, showLabels, showRules, showTranslations } from "../show/rules.ts";
import { showSources, showStates } from "../show/states.ts";
import { showTables } from "../show/tables.ts";
import type { FlushTarget } from "./flush.ts";
import type { PfctlOptions } from "./options.ts";
import type { Output } from "./output.ts";

export function show(firewall: Firewall, options: PfctlOptions, target: FlushTarget, output: Output, era?: Era): void {
  const { anchor, recurse } = target;
  const { verbose } = options;
  const rules = () =>
    showRules(firewall, anchor, {
      verbose,
      recurse,
      ...(era && { era }),
      ...(options.portNames && { portNames: era !== "rdr-anchor" }),
      ...(options.ruleNumber !== undefined && { number: options.ruleNumber }),
    });
  const known = (lines: string[] | undefined) => {
    if (lines === undefined) output.warn("pfctl: Anchor does not exist");
    else output.lines(lines);
  };
  switch (options.show) {
    case "rules":
      known(rules());
      if (options.zero) zeroCounters(firewall, anchor);
      break;
    case "nat":
      known(showTranslations(firewall, anchor, { verbose, recurse, ...(options.portNames && { portNames: false }) }));
      break;
    case "labels":
      known(showLabels(firewall, anchor, recurse));
      break;
    case "Anchors": {
      const lines = showAnchors(firewall, anchor, verbose > 0);
      if (lines === undefined) output.error("pfctl: Anchor does not exist");
      else output.lines(lines);
      break;
    }
    case "states":
      output.lines(showStates(firewall, verbose, options.interface));
      break;
    case "Sources":
      output.lines(showSources(firewall, verbose));
      break;
    case "info":
      output.lines(showInfo(firewall, verbose));
      break;
    case "Running":
      output.lines([firewall.settings.enabled ? "Enabled" : "Disabled"]);
      break;
    case "Interfaces":
      output.lines(showInterfaces(firewall, verbose, options.interface));
      break;
    case "timeouts":
      output.lines(showTimeouts(firewall));
      break;
    case "memory":
      output.lines(showLimits(firewall));
      break;
    case "Tables":
      output.lines(showTables(firewall, anchor, verbose));
      break;
    case "all":
      output.lines(all(firewall, anchor, verbose, rules() ?? []));
      break;
  }
}

export function zeroCounters(firewall: Firewall, anchor: string): void {
  for (const rule of firewall.rules(anchor) ?? []) {
    rule.evaluations = 0;
    rule.packets.fill(0);
    rule.bytes.fill(0);
  }
}

/** Blocks under titles; those with nothing in them are left out. */
function all(firewall: Firewall, anchor: string, verbose: number, rules: string[]): string[] {
  const lines = ["FILTER RULES:", ...rules];
  const block = (title: string, inner: readonly string[]) => {
    if (inner.length > 0) lines.push("", `${title}:`, ...inner);
  };
  block("STATES", showStates(firewall, verbose));
  block("SOURCE TRACKING NODES", showSources(firewall, verbose));
  block("INFO", showInfo(firewall, verbose));
  block("LABEL COUNTERS", showLabels(firewall, anchor) ?? []);
  block("TIMEOUTS", showTimeouts(firewall));
  block("LIMITS", showLimits(firewall));
  block("TABLES", showTables(firewall, anchor, verbose));
  return lines;
}
