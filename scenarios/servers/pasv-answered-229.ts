import { fails, quirkyServer } from "anchorage";

export default quirkyServer({
  title: "PASV answered by 229",
  who: "Some servers, and a mobile network on the way, answer PASV as if it had been EPSV. ftp-proxy(8) waits for 227 and nothing else: the 229 passes as it is, no rule is loaded, and the client dials a closed firewall.",
  sources: [
    "RFC 2428 §3",
    "curl #10598",
    "python/cpython #127478",
    "ftp-proxy.c 1.41",
    "quirks-seen: pasv-answered-229",
  ],
  families: ["inet"],
  replies: { PASV: ({ port }) => `229 Entering Extended Passive Mode (|||${port}|)` },
  expect: {
    "ftp-proxy": fails({ by: "firewall", at: "data connection", notice: "hangs", anchor: "empty" }),
    none: fails({ by: "firewall", at: "data connection" }),
  },
});
