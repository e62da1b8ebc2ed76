import { quirkyClient } from "anchorage";

export default quirkyClient({
  title: "EPSV ALL",
  who: "A client promises to use EPSV and nothing else, so that a translator may stop looking. ftp-proxy(8) goes on as before: it rewrites the next EPSV.",
  sources: ["RFC 2428 §4", "ProFTPD bug 2255", "captures/quirks/epsv-all.txt", "captures/quirks/epsv-all.inet6.txt"],
  negotiation: ["EPSV"],
  async does(client, errands) {
    await client.connects();
    await client.logsIn();
    await client.asks("EPSV", "ALL");
    for (const errand of errands) await client.does(errand);
    await client.quits();
  },
});
