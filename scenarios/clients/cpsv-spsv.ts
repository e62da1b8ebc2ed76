import { asWithoutProxy, quirkyClient } from "anchorage";

export default quirkyClient({
  title: "CPSV and SPSV",
  who: "glftpd's CPSV (for server to server with TLS) and pure-ftpd's SPSV are two more commands that are answered by 227. ftp-proxy(8) knows neither: the reply passes as it is, no rule is loaded.",
  sources: ["lftp src/ftpclass.cc", "pure-ftpd FEAT", "captures/quirks/cpsv-spsv.spsv.txt"],
  priority: 3,
  families: ["inet"],
  negotiation: ["SPSV", "CPSV"],
  expect: { "ftp-proxy": asWithoutProxy("passive") },
});
