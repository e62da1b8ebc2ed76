import { fails, quirkyServer, worksAfterDetour } from "anchorage";

export default quirkyServer({
  title: "EPSV accepted, its port closed, then PASV",
  who: "The server answers EPSV, but its port does not take the connection; curl gives EPSV up and says PASV. The rules for the first port must make room for the second pair: never four.",
  sources: [
    "curl lib/ftp.c ftp_epsv_disable",
    "curl tests/data/test1233",
    "git-ftp #56",
    "captures/quirks/epsv-ok-connect-fails-then-pasv.txt",
  ],
  priority: 1,
  families: ["inet"],
  negotiation: ["EPSV", "PASV"],
  replies: {
    EPSV: ({ session, port }) => {
      session.stopsListening();
      return `229 Entering Extended Passive Mode (|||${port}|)`;
    },
  },
  expect: {
    "ftp-proxy": worksAfterDetour(),
    conntrack: worksAfterDetour(),
    none: fails({ by: "firewall", at: "data connection" }),
  },
});
