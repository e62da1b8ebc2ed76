/** A proxy that the firewall's own rc.d(8) starts, with the flags of a scenario. */

import type { Lab, Services } from "../../contract/lab.ts";
import type { RunningSubject, SubjectSetup } from "../../contract/subject.ts";
import { serviceFlags } from "../core.ts";

/** Names as an administrator would type them. */
const PROGRAM = { "ftp-proxy": "ftp-proxy", "core-daemon": "anchorage-ftp-proxy" } as const;

export async function startedService(
  lab: Lab,
  services: Services,
  service: keyof typeof PROGRAM,
  setup: SubjectSetup,
): Promise<RunningSubject> {
  const { family } = setup;
  const flags = serviceFlags(lab, setup, service);
  await services.start(service, family, flags);
  let stopped: Promise<void> | undefined;
  return {
    command: [PROGRAM[service], ...(family === "inet6" ? ["-6"] : []), ...flags].join(" "),
    stop() {
      stopped ??= services.stop(service, family);
      return stopped;
    },
  };
}
