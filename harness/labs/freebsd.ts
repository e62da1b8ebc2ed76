/**
 * The `freebsd` lab: the old PF language, alive, in a virtual machine. The firewall is the machine itself;
 * client, server and intruders are vnet jails, joined to it by epair(4). `freebsd@14.3` names the release.
 */

import { freebsdGuest } from "./guest/guest-system.ts";
import { guestLab } from "./guest/kind.ts";

export default guestLab(freebsdGuest, ["rdr-anchor"]);
