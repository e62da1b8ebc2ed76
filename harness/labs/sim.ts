/**
 * The `sim` lab: simulated hosts and wires in virtual time, the PF model on the firewall. The default:
 * no root, no machine, any operating system; the same seed gives the same play.
 */

import { type Lab, type LabEvent, type LabKind, type LabSetup, LimitError, type Need } from "../contract/lab.ts";
import { RunLimitError } from "../net/time/run-limit.ts";
import { linkFaults } from "./model/link-faults.ts";
import { labPlan, mainAddresses, SECOND, type Topology, topology } from "./model/topology.ts";
import type { SimHost } from "./sim/host.ts";
import { startPf } from "./sim/pf.ts";

async function open(setup: LabSetup): Promise<Lab> {
  const observers: ((event: LabEvent) => void)[] = [];
  const tell = (event: LabEvent) => {
    for (const observer of observers) observer(event);
  };
  const { link = {} } = setup;
  const network = {
    ...(link.latencyMs === undefined ? {} : { latencyMs: link.latencyMs }),
    ...(link.mtu === undefined ? {} : { mtu: link.mtu }),
  };
  const plan = setup.network ?? labPlan(setup.side, setup.secondAddress);
  const place: Topology = topology({
    seed: setup.seed,
    side: setup.side,
    inside: network,
    outside: network,
    plan,
    host: {
      firewall: {
        log({ level, text }) {
          capture.comment(`log: ${text}`);
          tell({ kind: "log", atMs: now(), level, text });
        },
      },
    },
  });
  const { clock } = place.network;
  const now = () => clock.microseconds() / 1000;
  for (const wire of [place.inside, place.outside]) for (const fault of linkFaults(link)) wire.install(fault);

  const capture = place.network.capture(place.firewall);
  for (const network of ["inside", "outside"] as const) {
    place.firewall.node.interfaces
      .get(plan[network].name)
      ?.tap((direction, packet) => tell({ kind: "packet", atMs: now(), network, direction, packet }));
  }
  await clock.runUntilSettled(
    startPf({ host: place.firewall, era: setup.era, pfConf: setup.pfConf, plan, tell, now, capture }),
  );

  return {
    name: "sim",
    hosts: place.hosts satisfies Record<string, SimHost>,
    firewall: {
      inside: mainAddresses(plan.inside),
      outside: mainAddresses(plan.outside),
      ...(setup.secondAddress === true && { second: SECOND }),
      pfctl: (args, stdin = "") => place.firewall.run("pfctl", args, { stdin }),
    },
    observe: (observer) => void observers.push(observer),
    async run(promise, { limitMs }) {
      try {
        return await clock.runUntilSettled(promise, {
          limitMs,
          ...(setup.signal === undefined ? {} : { signal: setup.signal }),
        });
      } catch (error) {
        if (error instanceof RunLimitError) throw new LimitError(error.message);
        throw error;
      }
    },
    capture: async () => capture.bytes(),
    close: async () => {},
  };
}

const LACKING: Readonly<Partial<Record<Need, string>>> = {
  processes: "hosts of the simulator run no programs of this machine",
  containers: "hosts of the simulator run no containers of this machine",
  "kernel-forwarding": "conntrack is a part of Linux, and the simulator has no kernel",
};

const sim: LabKind = {
  name: "sim",
  title: "simulated network, PF model, virtual time",
  eras: ["divert-to", "rdr-to", "rdr-anchor"],
  lacks: (need) => LACKING[need],
  unavailable: async () => undefined,
  inThreads: true,
  open,
};

export default sim;
