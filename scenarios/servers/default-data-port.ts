import { fails, type Handler, quirkyServer } from "anchorage";

const dialsDefault =
  (verb: string): Handler =>
  (session, argument) => {
    if (!session.expectsData) session.dialsLater(session.connection.remote);
    return session.obeysPlainly(verb, argument);
  };

export default quirkyServer({
  title: "A server that dials the default data port",
  who: "RFC 959 lets a client do without PORT: the server dials the very port from which the control connection came, from port 20. Through ftp-proxy(8) that is the proxy's port; no rule is for it, and nobody answers.",
  sources: [
    "RFC 959 §3.2",
    "RFC 1123 §4.1.2.5",
    "ProFTPD bug 3824",
    "ftp-proxy.c 1.41",
    "quirks-seen: no-port-default-data-port",
  ],
  modes: ["active"],
  // The client opens a second socket on the port of its connection.
  needs: ["virtual-time"],
  negotiation: [],
  commands: { RETR: dialsDefault("RETR"), STOR: dialsDefault("STOR") },
  expect: {
    "ftp-proxy": fails({ by: "firewall", at: "data connection" }),
    conntrack: fails({ by: "firewall", at: "data connection" }),
    none: fails({ by: "firewall", at: "data connection" }),
  },
});
