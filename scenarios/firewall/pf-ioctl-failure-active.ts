import { activeCommand, fails, logsIn, scenario } from "anchorage";

export default scenario({
  title: "A queue that pf.conf does not have, active mode",
  quirk:
    "The same with PORT or EPRT: PF refuses the rules with EBUSY, the command never reaches the server, and the session ends.",
  sources: ["ftp-proxy.md §12.2", "ocochard/BSDRP #35", "captures/quirks/pf-ioctl-failure.queue_active.txt"],
  priority: 1,
  modes: ["active"],
  proxyArgs: ["-q", "nope"],
  async play(stage) {
    const { client, server, anchor, log, family } = stage;
    await logsIn(stage);
    await client.listensForData();
    await client.sends(activeCommand(family, client));
    await client.seesClose();
    await server.seesClose();
    await log.says("pf operation failed: Device busy");
    await anchor.isEmpty();
  },
  expect: {
    conntrack: fails({ by: "server", at: ["PORT", "EPRT"], notice: "hangs" }),
    none: fails({ by: "server", at: ["PORT", "EPRT"], notice: "hangs" }),
  },
});
