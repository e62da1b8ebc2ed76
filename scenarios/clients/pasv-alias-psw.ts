import { asWithoutProxy, quirkyClient } from "anchorage";

export default quirkyClient({
  title: "P@SW instead of PASV",
  who: "A router of SMC changed PASV on its way so that it need not look at the reply, and vsftpd and pure-ftpd still take P@SW for PASV. ftp-proxy(8) does not: the 227 passes as it is, no rule is loaded.",
  sources: [
    "RFC 1123 §4.1.3.1",
    "vsftpd postlogin.c",
    "pure-ftpd src/ftp_parser.c",
    "captures/quirks/pasv-alias-psw.txt",
  ],
  families: ["inet"],
  negotiation: ["P@SW"],
  expect: { "ftp-proxy": asWithoutProxy("passive") },
});
