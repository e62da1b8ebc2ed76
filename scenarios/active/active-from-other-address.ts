import { downloadsActively, entersActiveMode, logsIn, quits, scenario } from "anchorage";

export default scenario({
  title: "Active data from another address than the server's",
  quirk:
    "A server with several addresses, or a balancer, dials from another one than that of the control connection. The rules of ftp-proxy(8) are for one host: the call gets no answer, and the way stays open for the server itself.",
  sources: [
    "RFC 2577 §4",
    "lftp ftp:verify-address",
    "ftp-proxy.c 1.41",
    "captures/quirks/active-from-other-address.reverse.txt",
  ],
  priority: 1,
  modes: ["active"],
  async play(stage) {
    const { server, anchor, hosts, side } = stage;
    const neighbour = hosts[side === "forward" ? "outside-intruder" : "inside-intruder"];
    await logsIn(stage);
    await entersActiveMode(stage);
    await server.cannotDialDataFrom(neighbour);
    await downloadsActively(stage);
    await quits(stage);
    await anchor.isEmpty();
  },
});
