/**
 * The substitute port PP: uniform in 49152 … 65534, without a look at what is in use.
 *
 * @example
 * pickProxyPort(host.random); // 58942
 */

import type { Random } from "../host.ts";

/** Source: ftp-proxy.c 1.41, pick_proxy_port: IPPORT_HIFIRSTAUTO, IPPORT_HILASTAUTO (65535) never reached. */
const lowest = 49152;
const choices = 16383;

/** Lower ports that a peer names are refused. Source: the same, MIN_PORT. */
export const lowestPort = 1024;

export function pickProxyPort(random: Random): number {
  return lowest + random.below(choices);
}
