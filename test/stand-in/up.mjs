#!/usr/bin/env node
// A stand-in guest for whoever works on vm/ or on the lab without a hypervisor: stays until Ctrl-C or the end of
// its standard input, prints how to reach it.
//
//	node test/stand-in/up.mjs
import { register } from "tsx/esm/api";

register();
const { startGuest } = await import("./guest.ts");
const guest = await startGuest();
process.stdout.write(`ssh -F ${guest.sshConfig} ${guest.name}\n`);
const stop = () => void guest.stop().then(() => process.exit(0));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, stop);
process.stdin.resume();
process.stdin.once("end", stop);
await guest.ended;
process.exit(0);
