import { hangsUpAt, quirkyServer } from "anchorage";

export default quirkyServer({
  title: "A 229 with exclamation marks",
  who: "IBM i and z/OS, between two code pages, write `!` where others write `|`, and RFC 2428 lets them. ftp-proxy(8) knows only the bar: it finds no port and ends the session.",
  sources: [
    "RFC 2428 §3",
    "basic-ftp #87 (3.8.1)",
    "FluentFTP Client/Modules/PassivePortModule.cs",
    "captures/quirks/epsv-229-bang-delimiter.inet6.txt",
  ],
  priority: 1,
  negotiation: ["EPSV"],
  replies: { EPSV: ({ port }) => `229 Entering Extended Passive Mode (!!!${port}!)` },
  expect: { "ftp-proxy": hangsUpAt("the 229") },
});
