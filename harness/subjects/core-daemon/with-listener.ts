/**
 * Opens a listening socket that takes diverted connections (IP_TRANSPARENT) and starts a program with
 * it as descriptor 3: on Linux the proxy's own Node cannot ask for one. Signals pass through.
 *
 * @example
 * // node --import tsx with-listener.ts 127.0.0.1 8021 node ftp-proxy.mjs --listen-fd 3 -d
 */

import { spawn } from "node:child_process";
import { constants } from "node:os";
import { linuxSockets } from "../../agent/linux-sockets.ts";

/** Source: ftp-proxy.c 1.41, TCP_BACKLOG. */
const BACKLOG = 10;
const [address = "", port = "", command = "", ...args] = process.argv.slice(2);
const sockets = await linuxSockets();
if (sockets === undefined) throw new Error("needs Linux and the optional package koffi");
const listener = sockets.listenTransparently(address, Number(port), BACKLOG);
const child = spawn(command, args, { stdio: ["ignore", "inherit", "inherit", listener] });
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
child.once("exit", (status, signal) => {
  process.exitCode = status ?? 128 + (signal === null ? 0 : constants.signals[signal]);
});
