import { fails, hangsUpAt, quirkyServer } from "anchorage";

export default quirkyServer({
  title: "A 229 with a privileged port",
  who: "A hostile server names a port below 1024, so that the firewall opens the way to ssh or worse. ftp-proxy(8) ends the session.",
  sources: ["RFC 2577 §3", "ftp-proxy(8) CAVEATS", "captures/openbsd-7.8/epsv_229_low.txt"],
  negotiation: ["EPSV"],
  replies: { EPSV: "229 Entering Extended Passive Mode (|||22|)" },
  expect: {
    "ftp-proxy": hangsUpAt("the 229"),
    conntrack: fails({ by: "server", at: "data connection", notice: "connection refused" }),
  },
});
