import { dropsReply, fails, hangsUpAt, quirkyServer } from "anchorage";

export default quirkyServer({
  title: "A 229 without parentheses",
  who: "What lftp tolerates, ftp-proxy(8) does not: without a parenthesis after the last blank it finds no port and ends the session.",
  sources: ["RFC 2428 §3", "lftp src/ftpclass.cc Handle_EPSV", "captures/quirks/epsv-229-no-parens.txt"],
  priority: 3,
  negotiation: ["EPSV"],
  replies: { EPSV: ({ port }) => `229 Entering Extended Passive Mode |||${port}|` },
  expect: {
    "ftp-proxy": hangsUpAt("the 229"),
    conntrack: dropsReply,
    none: fails({ by: "client", at: "the 229" }),
  },
});
