import { hostPort, logsIn, says, scenario, stopsAt } from "anchorage";

export default scenario({
  title: "LPSV",
  quirk:
    "tnftp and wget fall back to the long passive mode of RFC 1639 when EPSV fails. To ftp-proxy(8) a line that begins with L is no line to look at: the 228 passes as it is, no rule is loaded, and the client dials a closed firewall.",
  sources: ["RFC 1639", "drakkan/sftpgo #1082", "NICMx/Jool #114", "captures/quirks/lprt-lpsv.lpsv.txt"],
  priority: 2,
  families: ["inet"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await server.listensForData();
    const listening = { address: server.address, port: server.dataPort };
    const [address, port] = splitHostPort(hostPort(listening));
    await says(client, server, "LPSV", `228 Entering Long Passive Mode (4,4,${address},2,${port})`);
    await anchor.isEmpty();
    await says(client, server, "RETR file", "150 Here it comes");
    await client.opensData(listening);
  },
  withProxy: stopsAt("client opens data", "no-answer"),
  withoutProxy: stopsAt("client opens data", "no-answer"),
});

/** `198,51,100,7` and `197,123`. */
function splitHostPort(text: string): [string, string] {
  const numbers = text.split(",");
  return [numbers.slice(0, 4).join(","), numbers.slice(4).join(",")];
}
