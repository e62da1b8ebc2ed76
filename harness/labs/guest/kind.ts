/**
 * A lab of a real PF: the guest of one release, reached by ssh with Vagrant's configuration or another, or by any other
 * pipe. One guest serves all plays of a run. When it is lost, the lab connects again, once.
 */

import { randomInt } from "node:crypto";
import { readFile } from "node:fs/promises";
import { type LabKind, LabLost, type LabPlace, type Need } from "../../contract/lab.ts";
import { Guest } from "./guest.ts";
import type { GuestSystem } from "./guest-system.ts";
import { openGuestPlay } from "./play.ts";
import { Reconnecting } from "./reconnecting.ts";
import { findRelease, type Release, ReleaseError, readReleases } from "./release.ts";
import { commandTransport, sshTransport, type Transport, UnreachableError } from "./transport.ts";
import { vagrantSshConfig } from "./vagrant.ts";

/** The needs that a guest does not fulfil, and why. */
const LACKING: Readonly<Partial<Record<Need, string>>> = {
  "virtual-time": "hours are hours on a real kernel",
  faults: "the wires inside the guest lose nothing; sim and netns have links with faults",
  mtu: "the wires inside the guest have one MTU; netns has narrower ones",
  bottles: "libraries of JavaScript play in sim: the guest's hosts have no Node of ours",
  "link-local": "the hosts inside the guest have no link-local addresses that the lab knows",
  "icmp-refusal": "hosts inside the guest have no packet filter of their own: its one PF is the firewall's",
  "own-network": "its firewall has em0 and em1, and the lab's addresses",
  "second-address": "the machine's firewall has one address on each network",
  "kernel-forwarding": "conntrack is a part of Linux; this kernel's own answer is PF",
  containers: "containers are Linux's; the guest's hosts have a kernel of their own",
  processes: "the matrix of real programs is played in netns: the guest has none of them installed",
};

export function guestLab(system: GuestSystem, eras: LabKind["eras"], place: LabPlace = {}): LabKind {
  const name = place.release === undefined ? system.name : `${system.name}@${place.release}`;
  const random = { below: (below: number) => randomInt(below) };
  const guest = new Reconnecting(async () => {
    const transport = await transportFor(system, place);
    try {
      return await Guest.connect({ transport, system, random }, "forward");
    } catch (error) {
      transport.close();
      throw error;
    }
  });
  return {
    name,
    title: system.title,
    eras,
    services: true,
    slowSideChange: true,
    at: (where) => guestLab(system, eras, { ...place, ...where }),
    lacks: (need) => LACKING[need],
    async unavailable() {
      try {
        await guest.connected();
        return undefined;
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
    },
    lost: () => guest.lost,
    async open(setup) {
      const connected = await guest.checked(setup.note);
      try {
        return await openGuestPlay(connected, name, setup);
      } catch (error) {
        throw connected.lost === undefined ? error : new LabLost(connected.lost);
      }
    },
    shutDown: () => guest.close(),
  };
}

async function transportFor(system: GuestSystem, place: LabPlace): Promise<Transport> {
  const { ANCHORAGE_AGENT_COMMAND, ANCHORAGE_SSH_CONFIG } = process.env;
  const command = place.agentCommand ?? ANCHORAGE_AGENT_COMMAND;
  if (command !== undefined) return commandTransport(command);
  const file = place.sshConfig ?? ANCHORAGE_SSH_CONFIG;
  if (file !== undefined) return sshTransport(await configIn(file));
  return sshTransport(await vagrantSshConfig((await releaseFor(system, place)).name));
}

async function configIn(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new UnreachableError(`cannot be reached: ${error instanceof Error ? error.message : error}`);
  }
}

async function releaseFor(system: GuestSystem, place: LabPlace): Promise<Release> {
  try {
    return findRelease(await readReleases(), system.name, place.release);
  } catch (error) {
    throw error instanceof ReleaseError ? new UnreachableError(`is unknown: ${error.message}`) : error;
  }
}
