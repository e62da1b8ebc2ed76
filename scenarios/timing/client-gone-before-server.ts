import { fails, scenario } from "anchorage";

export default scenario({
  title: "A client that leaves before the server has answered",
  quirk:
    "The proxy has accepted the client and still dials the server, whose answer the firewall drops. The client hangs up after a second. ftp-proxy(8) ends the session at once, without waiting 30 s for the server.",
  sources: ["ftp-proxy.c 1.41: client_error"],
  priority: 2,
  needs: ["own-pf-conf"],
  // Before 4.7, nat keeps a state whatever the filter rule says.
  pfConf: (text) => text.replace(/^(pass out on .* port ftp)$/gm, "$1 no state").replace(/^nat on .*$/m, ""),
  async play({ client, anchor, log, wait }) {
    await client.connects();
    await wait(1_000);
    await client.closes();
    await log.says("client close");
    await anchor.isEmpty();
  },
  expect: { none: fails({ at: "control connection", notice: "hangs" }) },
});
