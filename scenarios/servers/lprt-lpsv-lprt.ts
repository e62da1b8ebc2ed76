import { fails, type PlacedExpectation, parseLongHostPort, quirkyServer } from "anchorage";

/** With a proxy that does not read LPRT, and with none. */
const overLprt: PlacedExpectation = ({ side, family }) =>
  side === "forward" && family === "inet"
    ? fails({ by: "translation", at: "LPRT" })
    : fails({ by: "firewall", at: "data connection" });

export default quirkyServer({
  title: "LPRT, and a server that knows it",
  who: "tnftp and wget fall back to the long active mode of RFC 1639 when EPRT fails. To ftp-proxy(8) a line that begins with L is no line to look at: it passes as it is, no rule is loaded, and the server dials a closed firewall.",
  sources: ["RFC 1639", "drakkan/sftpgo #1082", "NICMx/Jool #114", "captures/quirks/lprt-lpsv.lprt.inet6.txt"],
  modes: ["active"],
  negotiation: ["LPRT"],
  commands: {
    LPRT: async (session, argument) => {
      const to = parseLongHostPort(argument);
      if (to !== undefined) session.dialsLater(to);
      await session.says(to === undefined ? "501 LPRT not understood" : "200 LPRT command successful");
    },
  },
  expect: {
    "ftp-proxy": overLprt,
    conntrack: overLprt,
    none: overLprt,
  },
});
