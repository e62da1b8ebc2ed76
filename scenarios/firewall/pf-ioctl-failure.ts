import { fails, logsIn, passiveReply, scenario } from "anchorage";

export default scenario({
  title: "A queue that pf.conf does not have",
  quirk:
    "-q names a queue that is not there, which ftp-proxy(8) does not check at its start. PF refuses the first rules with EBUSY, and the session ends where a 425 would have done.",
  sources: ["ftp-proxy.md §12.2", "ocochard/BSDRP #35", "captures/quirks/pf-ioctl-failure.queue.txt"],
  priority: 1,
  modes: ["passive"],
  proxyArgs: ["-q", "nope"],
  async play(stage) {
    const { client, server, anchor, log, family } = stage;
    await logsIn(stage);
    await client.sends(family === "inet" ? "PASV" : "EPSV");
    await server.gets(family === "inet" ? "PASV" : "EPSV");
    await server.listensForData();
    await server.sends(passiveReply(family, server));
    await client.seesClose();
    await server.seesClose();
    await log.says("pf operation failed: Device busy");
    await anchor.isEmpty();
  },
  expect: {
    conntrack: ({ family }) =>
      family === "inet"
        ? fails({ by: "client", at: "the 227", notice: "hangs" })
        : fails({ by: "client", at: "the 229", notice: "hangs" }),
    none: ({ side, family }) =>
      family === "inet6"
        ? fails({ by: "client", at: "the 229", notice: "hangs" })
        : side === "forward"
          ? fails({ by: "client", at: "the 227", notice: "hangs" })
          : fails({ by: "translation", at: "the 227", notice: "hangs" }),
  },
});
