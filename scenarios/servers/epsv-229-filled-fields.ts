import { dropsReply, extendedHostPort, fails, hangsUpAt, quirkyServer } from "anchorage";

export default quirkyServer({
  title: "A 229 that names family and address",
  who: "ProFTPD with MasqueradeAddress once filled the two fields that RFC 2428 wants empty. ftp-proxy(8) wants three bars in a row, finds no port and ends the session.",
  sources: ["RFC 2428 §3", "ProFTPD bug 2369", "captures/quirks/epsv-229-filled-fields.txt"],
  negotiation: ["EPSV"],
  replies: {
    EPSV: ({ address, port, session: { family } }) =>
      `229 Entering Extended Passive Mode (${extendedHostPort(family, { address, port })})`,
  },
  expect: {
    "ftp-proxy": hangsUpAt("the 229"),
    conntrack: dropsReply,
    none: fails({ at: "the 229" }),
  },
});
