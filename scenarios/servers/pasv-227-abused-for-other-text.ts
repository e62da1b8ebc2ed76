import { dropsReply, fails, quirkyServer } from "anchorage";

export default quirkyServer({
  title: "A 227 that says goodbye",
  who: "pure-ftpd, when a transfer took too long, sent `227 Logout.` and closed; Linux dropped that packet again and again, and neither end could close. For ftp-proxy(8) it is a line like any other: it passes, and the rules of an earlier PASV stay until the session ends.",
  sources: [
    "RFC 959 §4.2.2",
    "jedisct1/pure-ftpd PR #175",
    "captures/quirks/pasv-227-abused-for-other-text.after_pasv.txt",
  ],
  errands: ["fetch"],
  commands: {
    RETR: async (session) => {
      await session.says("227 Logout.");
      session.closes();
    },
  },
  expect: {
    "ftp-proxy": fails(),
    conntrack: dropsReply,
  },
});
