/**
 * The services of a guest's firewall: proxies that rc.d(8) runs, as their administrator would. They are started with the
 * flags of a scenario, and stopped and disabled afterwards.
 */

import type { ProcessResult } from "../../../proxy/host.ts";
import type { Services } from "../../contract/lab.ts";
import { PlayerMissing } from "../../contract/scenario.ts";
import type { Family } from "../../pf/packet.ts";
import type { GuestSystem } from "./guest-system.ts";

/** A service did not start; the message has the command and its output. */
export class ServiceError extends Error {
  override readonly name = "ServiceError";
}

/** rcctl(8), service(8): there is no script of that name. */
const ABSENT = /does not exist/;

type Run = (command: string, args: readonly string[]) => Promise<ProcessResult>;

export interface GuestServices extends Services {
  /** Stops the services that a play that was broken off has left running. */
  stopAll(): Promise<void>;
}

export interface GuestServicesOptions {
  /** Called when a service runs, with the arguments of pgrep(1) for its processes. */
  readonly trace?: (pgrep: readonly string[]) => Promise<void>;
  /** Families for which the services of earlier runs have been stopped. */
  readonly swept?: Set<Family>;
}

export function guestServices(system: GuestSystem, run: Run, options: GuestServicesOptions = {}): GuestServices {
  const { trace = async () => {}, swept = new Set<Family>() } = options;
  const started = new Map<string, () => Promise<void>>();
  const all = async (lines: readonly (readonly string[])[], strict: boolean) => {
    for (const [command = "", ...args] of lines) {
      const { status, stdout, stderr } = await run(command, args);
      if (status === 0 || !strict) continue;
      const said = `${stdout}${stderr}`.trim() || `status ${status}`;
      if (ABSENT.test(said)) throw new PlayerMissing(`the guest has no such service (anchorage vm provision): ${said}`);
      throw new ServiceError(`${[command, ...args].join(" ")}: ${said}`);
    }
  };
  return {
    async start(service, family, flags) {
      // A service that was left running would answer in its place.
      if (!swept.has(family)) {
        for (const other of ["ftp-proxy", "core-daemon"] as const) await all(system.stop(other, family), false);
        swept.add(family);
      }
      started.set(`${service} ${family}`, () => all(system.stop(service, family), false));
      await all(system.start(service, family, flags), true);
      const pgrep = system.traced?.[service];
      if (pgrep !== undefined) await trace(pgrep);
    },
    async stop(service, family) {
      await all(system.stop(service, family), false);
      started.delete(`${service} ${family}`);
    },
    async stopAll() {
      for (const stop of started.values()) await stop();
      started.clear();
    },
  };
}
