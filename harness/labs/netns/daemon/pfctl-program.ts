/** `pfctl` on the hosts of a standing lab. Bundled into one file, with the socket's path written into it. */

import { callPfctl } from "./pfctl-call.ts";

declare const CONTROL_SOCKET: string;

callPfctl(CONTROL_SOCKET, process.argv.slice(2)).then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    console.error(`pfctl: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  },
);
