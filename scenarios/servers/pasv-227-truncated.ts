import { dropsReply, fails, hangsUpAt, quirkyServer } from "anchorage";

export default quirkyServer({
  title: "A 227 that ends at the parenthesis",
  who: "An early LightFTP lost the address: `227 Entering Passive Mode (` and the end of the line. ftp-proxy(8) finds no port and ends the session; Linux drops the packet, and client and server wait for ever.",
  sources: ["hfiref0x/LightFTP #1", "captures/quirks/pasv-227-truncated.txt"],
  families: ["inet"],
  replies: { PASV: "227 Entering Passive Mode (" },
  expect: {
    "ftp-proxy": hangsUpAt("the 227"),
    conntrack: dropsReply,
    none: fails({ by: "client", at: "the 227" }),
  },
});
