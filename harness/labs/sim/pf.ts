/**
 * PF on the simulated firewall: the model decides its packets, and its pfctl(8) is a program of that
 * host, so the proxy loads rules there as it would on a real one. What happens is told to the lab.
 */

import type { LabEvent } from "../../lab.ts";
import { Firewall } from "../../pf/engine/firewall.ts";
import { parseRuleset } from "../../pf/language/parse.ts";
import { printRule } from "../../pf/language/print.ts";
import type { Capture } from "../../sim/capture.ts";
import type { SimHost } from "../../sim/host.ts";
import { FIREWALL_INTERFACE, interfacesOf } from "../../sim/topology.ts";

export interface PfOptions {
  readonly host: SimHost;
  readonly pfConf: string;
  readonly tell: (event: LabEvent) => void;
  /** Milliseconds of the lab's clock. */
  readonly now: () => number;
  readonly capture: Capture;
}

/** pf.conf does not load: the play cannot begin. */
export class PfConfError extends Error {
  override readonly name = "PfConfError";
}

/** Where the proxy's anchors are. */
const PROXY_ANCHORS = "ftp-proxy/";

export async function startPf({ host, pfConf, tell, now, capture }: PfOptions): Promise<void> {
  const interfaces = interfacesOf(host);
  const random = host.node.random.stream("pf");
  const rulesIn = (anchor: string) => (firewall.rules(anchor) ?? []).map(({ rule }) => printRule(rule));
  const firewall: Firewall = new Firewall({
    interfaces,
    now,
    random: (below) => random.below(below),
    observer: {
      committed(anchors) {
        for (const anchor of anchors) {
          if (!anchor.startsWith(PROXY_ANCHORS)) continue;
          const rules = rulesIn(anchor);
          capture.comment(rules.length === 0 ? `${anchor} is empty` : `${anchor} holds\n${rules.join("\n")}`);
          tell({ kind: "anchor", atMs: now(), anchor, rules });
        }
      },
      stateCreated: (state) => tell({ kind: "state", atMs: now(), event: "created", state }),
      stateRemoved: (state) => tell({ kind: "state", atMs: now(), event: "removed", state }),
    },
  });
  host.install("pfctl", async ({ args, input, write }) => {
    const text = new TextDecoder().decode(await input);
    const anchor = args[args.indexOf("-a") + 1] ?? "";
    if (args.includes("-f")) {
      const parsed = parseRuleset(text, { interfaces, anchor });
      for (const line of parsed.stderr) write("stderr", `${line}\n`);
      if (!parsed.accepted) return 1;
      firewall.load(anchor, parsed.ruleset);
      return 0;
    }
    for (const path of firewall.anchors().filter((one) => one.startsWith(PROXY_ANCHORS))) {
      write("stdout", `anchor "${path.slice(PROXY_ANCHORS.length)}" all {\n`);
      for (const rule of rulesIn(path)) write("stdout", `  ${rule}\n`);
      write("stdout", "}\n");
    }
    return 0;
  });
  const network = (name: string) => (name === FIREWALL_INTERFACE.inside ? "inside" : "outside");
  host.node.setFilter(firewall);
  host.node.onDrop(({ interface: name, direction, packet, decision }) => {
    const rule = decision.rules.at(-1);
    capture.comment(
      `dropped ${direction} on ${name}: ${decision.reason}${rule === undefined ? "" : `: ${rule.text}`}`,
      packet,
    );
    tell({
      kind: "drop",
      atMs: now(),
      interface: name,
      network: network(name),
      direction,
      packet,
      reason: decision.reason,
      ...(rule === undefined ? {} : { rule }),
    });
  });
  const parsed = parseRuleset(pfConf, { interfaces, file: "pf.conf" });
  if (!parsed.accepted) throw new PfConfError(parsed.stderr.join("\n"));
  firewall.load("", parsed.ruleset);
}
