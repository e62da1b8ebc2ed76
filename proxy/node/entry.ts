/**
 * The entry point of the bundled program (`proxy/build.mjs`).
 *
 * @example
 * // node dist/ftp-proxy.mjs -d -D7
 */

import { staySmall } from "./daemonize.ts";
import { main } from "./main.ts";

staySmall();
const status = await main(process.argv.slice(2), process.argv[1] ?? "").catch((error: unknown) => {
  process.stderr.write(`ftp-proxy: ${error instanceof Error ? error.message : error}\n`);
  return 1;
});
// Listeners and helpers may still hold the event loop.
process.exit(status);
