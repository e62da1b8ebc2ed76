import { fails, says, scenario } from "anchorage";

const SHORT_TOKEN = "YII".padEnd(400, "A");
/** With ADAT, blank and CR LF more than the 500 bytes of ftp-proxy.c 1.41: MAX_LINE. */
const LONG_TOKEN = "YII".padEnd(600, "A");

export default scenario({
  title: "Kerberos tokens of more than 500 bytes",
  quirk:
    "RFC 2228 carries GSSAPI tokens in ADAT lines, and GridFTP's are long. What fits into 500 bytes passes, the next ends the session.",
  sources: ["RFC 2228 §3", "ftp-proxy.c 1.41: MAX_LINE", "captures/quirks/gssapi-long-tokens.txt"],
  priority: 3,
  async play({ client, server, anchor, log }) {
    await client.connects();
    await server.accepts();
    await server.sends("220 Ready");
    await client.gets("220 Ready");
    await says(client, server, "AUTH GSSAPI", "334 Using authentication type GSSAPI");
    await says(client, server, `ADAT ${SHORT_TOKEN}`, `335 ADAT=${SHORT_TOKEN}`);
    await client.sends(`ADAT ${LONG_TOKEN}`);
    await client.seesClose();
    await server.seesClose();
    await log.says("client command too long or not clean");
    await anchor.isEmpty();
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "ADAT", notice: "connection closed" }),
    conntrack: fails({ by: "server", at: "ADAT", notice: "hangs" }),
    none: fails({ by: "server", at: "ADAT", notice: "hangs" }),
  },
});
