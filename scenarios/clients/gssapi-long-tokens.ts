import { fails, quirkyClient } from "anchorage";

/** With ADAT, blank and CR LF more than the 500 bytes of ftp-proxy.c 1.41: MAX_LINE. */
const LONG_TOKEN = "YII".padEnd(600, "A");

export default quirkyClient({
  title: "A Kerberos token of more than 500 bytes",
  who: "RFC 2228 carries GSSAPI tokens in ADAT lines, and GridFTP's are long. ftp-proxy(8) has room for 500 bytes and ends the session, even where the server knows no Kerberos and the client would have gone on without.",
  sources: ["RFC 2228 §3", "ftp-proxy.c 1.41: MAX_LINE", "captures/quirks/gssapi-long-tokens.txt"],
  priority: 3,
  topic: "tls",
  modes: ["passive"],
  async does(client, errands) {
    await client.connects();
    await client.asks("AUTH", "GSSAPI");
    await client.asks("ADAT", LONG_TOKEN);
    await client.logsIn();
    for (const errand of errands) await client.does(errand);
    await client.quits();
  },
  expect: {
    "ftp-proxy": fails({
      by: "proxy",
      notice: "connection closed",
      log: "client command too long or not clean",
      anchor: "empty",
    }),
  },
});
