/**
 * The `openbsd` lab: the real PF in a virtual machine. The firewall is the machine itself; client, server
 * and intruders are rdomains, joined to it by pair(4) and veb(4). `openbsd@7.8` names the release.
 */

import { openbsdGuest } from "./guest/guest-system.ts";
import { guestLab } from "./guest/kind.ts";

/** OpenBSD 6.9 and later, which topology.sh needs for veb(4). */
export default guestLab(openbsdGuest, ["divert-to"]);
