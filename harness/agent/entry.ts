/**
 * What runs on a host: the agent on standard input and output.
 *
 * @example
 * // node bin/anchorage-agent.mjs
 */

import { Agent } from "./agent.ts";
import { linuxSockets } from "./linux-sockets.ts";

const transparent = await linuxSockets();
const { stdin: input, stdout: output } = process;
// A terminal's or a runner's interrupt is no reason to leave things behind: the input's end comes then.
for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => {});
process.once("SIGTERM", () => input.destroy());
new Agent({ input, output, ended: () => process.exit(), ...(transparent && { transparent }) }).greet();
