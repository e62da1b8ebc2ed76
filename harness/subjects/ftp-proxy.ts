/**
 * The ftp-proxy(8) of the base system, which ours replaces: started by its rc.d script, where the firewall is OpenBSD
 * or FreeBSD.
 *
 * @example
 * // anchorage run passive/pasv --lab openbsd --subject ftp-proxy
 */

import type { Lab, Services } from "../contract/lab.ts";
import type { RunningSubject, Subject, SubjectSetup } from "../contract/subject.ts";
import { serviceFlags } from "./core.ts";

const ftpProxy: Subject = {
  name: "ftp-proxy",
  title: "ftp-proxy(8) of the base system, by rc.d",
  // FreeBSD's (ftp-proxy.c 1.19), too, in another era's words: it loads active rules before it sends PORT on.
  profile: () => "ftp-proxy",
  terminates: true,
  lacks(setup, lab) {
    if (lab.services !== true) {
      return "ftp-proxy(8) is a part of OpenBSD and FreeBSD: it plays in the labs openbsd and freebsd";
    }
    return optionOfOurs("ftp-proxy(8)", setup);
  },
  async start(lab, setup) {
    if (lab.services === undefined) throw new Error(`${lab.name} has no services`);
    return startedService(lab, lab.services, "ftp-proxy", setup);
  },
};

export default ftpProxy;

/** Why that proxy cannot be started as the scenario asks: only ours has long options. */
export function optionOfOurs(name: string, { args }: SubjectSetup): string | undefined {
  const own = args.find((arg) => arg.startsWith("--"));
  return own && `${name} has no ${own.replace(/=.*/, "")}, an option of anchorage-ftp-proxy`;
}

/** Commands as an administrator types them. */
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
