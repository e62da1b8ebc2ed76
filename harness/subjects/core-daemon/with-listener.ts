/**
 * The proxy as a process, with a listening socket that takes diverted connections (IP_TRANSPARENT): on Linux
 * its own Node cannot ask for one, so this opens it and then becomes the program.
 *
 * @example
 * // node --import tsx with-listener.ts 127.0.0.1 8021 -d -D7
 */

import { linuxSockets } from "../../agent/linux-sockets.ts";

/** Source: ftp-proxy.c 1.41, TCP_BACKLOG. */
const BACKLOG = 10;
const [node = "", , address = "", port = "", ...args] = process.argv;
const sockets = await linuxSockets();
if (sockets === undefined) throw new Error("needs Linux and the optional package koffi");
const listener = sockets.listenTransparently(address, Number(port), BACKLOG);
process.argv = [node, "anchorage-ftp-proxy", `--listen-fd=${listener}`, ...args];
await import("../../../proxy/node/entry.ts");
