import { fails, quirkyClient, works } from "anchorage";

export default quirkyClient({
  title: "A client that half-closes its control connection",
  who: "`printf … | nc` sends its last command, then FIN, and waits for the reply. ftp-proxy(8) takes the FIN for the end of the session: it closes both sides, and the reply never comes.",
  sources: ["RFC 959 §5.2", "ftp-proxy.c 1.41: client_error", "captures/quirks/control-half-close.txt"],
  priority: 1,
  topic: "data",
  errands: ["talk"],
  async does(client) {
    await client.connects();
    await client.logsIn();
    await client.sends("STAT");
    client.connection.end();
    await client.answer();
    client.keeps({ what: "talk", verdict: "done" });
  },
  expect: { "ftp-proxy": fails({ log: "client close" }), none: works },
});
