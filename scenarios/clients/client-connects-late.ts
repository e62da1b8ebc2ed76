import { quirkyClient } from "anchorage";

export default quirkyClient({
  title: "A client that uses its passive port after ten minutes",
  who: "A human at telnet, or a client that dials when its user is ready. The rules of ftp-proxy(8) have no time limit of their own; nf_conntrack_ftp's expectation has gone after five minutes.",
  sources: ["ftp-proxy(8)", "nf_conntrack_ftp.c: ftp_exp_policy", "captures/openbsd-7.8/pasv4.txt"],
  topic: "data",
  modes: ["passive"],
  errands: ["fetch"],
  needs: ["virtual-time"],
  limitMs: 30 * 60_000,
  async negotiates(client, command) {
    await client.negotiates(command);
    await client.waits(10 * 60_000);
  },
});
