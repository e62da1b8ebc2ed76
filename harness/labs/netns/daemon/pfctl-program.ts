/**
 * `pfctl` on the hosts of a running lab: passes its arguments to the lab's daemon.
 *
 * @example
 * // node pfctl-program.js SOCKET -sr
 */

import { callPfctl } from "./control-socket.ts";

const [socket = "", ...args] = process.argv.slice(2);

callPfctl(socket, args).then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    console.error(`pfctl: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  },
);
