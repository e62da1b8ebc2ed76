// /usr/sbin/ftp-proxy of the stand-in guest: there is none on Linux, so our own core answers to its name and
// command line. The process is named as the real one would be, for pgrep(1).
import { fileURLToPath } from "node:url";

process.title = ["/usr/sbin/ftp-proxy", ...process.argv.slice(2)].join(" ");
process.argv[1] = fileURLToPath(import.meta.url);
await import("./ftp-proxy.mjs");
