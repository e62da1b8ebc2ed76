/**
 * For tests: a host with clock, random and log, and no network.
 *
 * @example
 * const runtime = new Runtime(standAlone(new VirtualClock()), new TlsHold(undefined));
 */
import { ConnectionError, type Host } from "../../proxy/host.ts";
import type { VirtualClock } from "../net/time/clock.ts";
import { SeededRandom } from "../net/time/random.ts";

export function standAlone(clock: VirtualClock, logged: string[] = []): Host {
  const unreachable = (): never => {
    throw new ConnectionError("ENETUNREACH", "This host is on no network.");
  };
  return {
    name: "alone",
    clock,
    random: new SeededRandom(1),
    files: { read: unreachable, write: unreachable, remove: unreachable },
    listen: unreachable,
    connect: unreachable,
    run: unreachable,
    spawn: unreachable,
    log: (level, message) => void logged.push(`${level} ${message}`),
  };
}
