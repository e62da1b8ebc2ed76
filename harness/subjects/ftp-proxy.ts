/**
 * The ftp-proxy(8) of the base system, started by its rc.d script: the one that ours is a drop-in for.
 * Only where the firewall is OpenBSD or FreeBSD.
 */

import type { Subject } from "../contract/subject.ts";
import { startedService } from "./ftp-proxy/service.ts";

const ftpProxy: Subject = {
  name: "ftp-proxy",
  title: "ftp-proxy(8) of the base system, by rc.d",
  // FreeBSD's too (ftp-proxy.c 1.19), whatever words its rules have: its active rules are there before PORT is sent on.
  profile: () => "ftp-proxy",
  terminates: true,
  lacks({ args }, lab) {
    if (lab.services !== true) {
      return "ftp-proxy(8) is a part of OpenBSD and FreeBSD: it plays in the labs openbsd and freebsd";
    }
    const own = args.find((arg) => arg.startsWith("--"));
    return own === undefined ? undefined : `ftp-proxy(8) has no ${own.replace(/=.*/, "")}: that is an option of ours`;
  },
  async start(lab, setup) {
    if (lab.services === undefined) throw new Error(`${lab.name} has no services`);
    return startedService(lab, lab.services, "ftp-proxy", setup);
  },
};

export default ftpProxy;
