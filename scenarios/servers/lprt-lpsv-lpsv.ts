import { fails, longHostPort, quirkyServer } from "anchorage";

/** With any subject. */
const fares = fails({ at: ["the 228", "data connection"], anchor: "empty" });

export default quirkyServer({
  title: "LPSV, taken by the server",
  who: "tnftp and wget fall back to the long passive mode of RFC 1639 when EPSV fails. To ftp-proxy(8) a line that begins with L is no line to look at: the 228 passes as it is, no rule is loaded, and the client dials a closed firewall.",
  sources: ["RFC 1639", "drakkan/sftpgo #1082", "NICMx/Jool #114", "captures/quirks/lprt-lpsv.lpsv.txt"],
  negotiation: ["LPSV"],
  commands: {
    LPSV: async (session) => {
      await session.says(`228 Entering Long Passive Mode (${longHostPort(await session.listensForData())})`);
    },
  },
  expect: { "ftp-proxy": fares, conntrack: fares, none: fares },
});
