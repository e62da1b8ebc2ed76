import { entersPassiveMode, fails, logsIn, quits, says, scenario } from "anchorage";

export default scenario({
  title: "A client with nothing but a link-local address",
  quirk:
    "An appliance speaks from fe80::5, which means something on its own link only. The control connection works, since the proxy dials the server itself; the rules name the address without its scope, and PF takes the data SYN for theirs; but no router forwards what comes from a link-local address. The client is told so by ICMP, in the name of the server.",
  sources: ["RFC 4007 §9", "RFC 4443 §3.1", "filter.c: prepare_rule", "quirks-seen: link-local-client"],
  priority: 3,
  modes: ["passive"],
  families: ["inet6"],
  sides: ["forward"],
  // What the older ones did with scopes has not been seen.
  eras: ["divert-to"],
  needs: ["link-local", "own-pf-conf"],
  clientFrom: "link-local",
  pfConf: (text) => text.replaceAll("from $lan6 to any port ftp", "to any port ftp"),
  async play(stage) {
    const { client, server, anchor, log, roles } = stage;
    await logsIn(stage);
    await log.says(`client ${roles.client} to server ${roles.server} via proxy ${roles.proxy}`);
    await entersPassiveMode(stage);
    await client.cannotOpenData("no-answer");
    await anchor.holdsPassive({ proxyPort: client.passivePort, serverPort: server.dataPort });
    await says(client, server, "NOOP", "200 Still here");
    await quits(stage);
    await anchor.isEmpty();
  },
  expect: {
    "ftp-proxy": fails({ by: "network", at: "data connection", notice: "connection closed" }),
    none: fails({ by: "network", at: "control connection", notice: "hangs" }),
  },
});
