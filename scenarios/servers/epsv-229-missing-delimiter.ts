import { dropsReply, fails, hangsUpAt, quirkyServer } from "anchorage";

export default quirkyServer({
  title: "A 229 with a bar too few",
  who: "BulletProof FTP Server leaves one of the empty fields out. ftp-proxy(8) wants exactly three bars before the port, finds none and ends the session.",
  sources: ["RFC 2428 §3", "FluentFTP #1793", "ftp-proxy.c 1.41", "quirks-seen: epsv-229-missing-delimiter"],
  negotiation: ["EPSV"],
  replies: { EPSV: ({ port }) => `229 Entering Extended Passive Mode (||${port}|)` },
  expect: {
    "ftp-proxy": hangsUpAt("the 229"),
    conntrack: dropsReply,
    none: fails({ by: "client", at: "the 229" }),
  },
});
