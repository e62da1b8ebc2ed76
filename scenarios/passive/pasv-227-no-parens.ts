import { fails, logsIn, proxyRefusesReply, scenario } from "anchorage";

export default scenario({
  title: "A 227 without parentheses",
  quirk:
    "Some servers write the address as RFC 959's own figure does, bare, after a blank. ftp-proxy(8) wants a parenthesis after the last blank: it finds no port and ends the session, and the client never sees the reply.",
  sources: [
    "RFC 959 §5.3.2",
    "RFC 1123 §4.1.2.6",
    "curl lib/ftp.c ftp_state_pasv_resp",
    "captures/quirks/pasv-227-no-parens.txt",
    "captures/quirks/pasv-227-no-parens.reverse.txt",
  ],
  priority: 1,
  modes: ["passive"],
  families: ["inet"],
  async play(stage) {
    const { client, server } = stage;
    await logsIn(stage);
    await client.sends("PASV");
    await server.gets("PASV");
    await server.listensForData();
    await proxyRefusesReply(stage, `227 Entering passive mode. ${server.hostPort}`);
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "the 227", notice: "connection closed" }),
  },
});
