/**
 * PF on the simulated firewall: the model decides its packets and reports events to the lab. Its pfctl(8) is a
 * program of that host, so the proxy loads rules there as on a real one.
 */

import type { Era, LabEvent, NetworkPlan } from "../../contract/lab.ts";
import type { Recording } from "../../net/wire/recording.ts";
import { type ModelFirewall, modelFirewall, proxyOwner } from "../model/firewall.ts";
import { interfacesOf } from "../model/topology.ts";
import type { SimHost } from "./host.ts";

export interface PfOptions {
  readonly host: SimHost;
  readonly era: Era;
  readonly pfConf: string;
  readonly plan: NetworkPlan;
  readonly tell: (event: LabEvent) => void;
  /** Milliseconds of the lab's clock. */
  readonly now: () => number;
  readonly capture: Recording;
}

/** rc(8): where the main ruleset is read from. */
const PF_CONF = "/etc/pf.conf";

/** Throws PfConfError. */
export async function startPf({ host, era, pfConf, plan, tell, now, capture }: PfOptions): Promise<void> {
  const random = host.node.random.stream("pf");
  const model: ModelFirewall = modelFirewall({
    era,
    interfaces: interfacesOf(host),
    now,
    random: (below) => random.below(below),
    readFile: (path) => host.files.text(path) ?? plan.readFile?.(path),
    elsewhere: plan.readFile !== undefined,
    ...(plan.release !== undefined && { release: plan.release }),
    network: (name) => (name === plan.inside.name ? "inside" : "outside"),
    owner: (direction, packet) => {
      const own = host.node.isOwn(direction === "in" ? packet.destination : packet.source);
      return own ? proxyOwner(model.firewall, direction) : undefined;
    },
    tell,
    comment: (text, about) => capture.comment(text, about),
  });
  host.install("pfctl", async ({ args, input, write }) => {
    const { stdout, stderr, status } = model.pfctl(args, new TextDecoder().decode(await input));
    write("stdout", stdout);
    write("stderr", stderr);
    return status;
  });
  host.node.setFilter(model.firewall);
  host.node.onLoss(model.lost);
  await host.files.write(PF_CONF, new TextEncoder().encode(pfConf));
  model.loadPfConf(PF_CONF);
  for (const table of plan.filledTables ?? []) model.pfctl(["-t", table, "-T", "add", "0.0.0.0/0", "::/0"]);
}
