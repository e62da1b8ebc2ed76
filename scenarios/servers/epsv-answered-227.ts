import { asWithoutProxy, quirkyServer } from "anchorage";

export default quirkyServer({
  title: "EPSV answered by 227",
  who: "Some hosting servers answer EPSV as if it had been PASV. ftp-proxy(8) waits for 229 and nothing else: the 227 passes as it is, no rule is loaded, and a client that accepts it dials a closed firewall.",
  sources: ["RFC 2428 §3", "basic-ftp #164", "captures/quirks/epsv-answered-227.txt"],
  priority: 1,
  families: ["inet"],
  negotiation: ["EPSV"],
  replies: { EPSV: ({ hostPort }) => `227 Entering Passive Mode (${hostPort}).` },
  expect: { "ftp-proxy": asWithoutProxy("passive"), none: asWithoutProxy("passive") },
});
