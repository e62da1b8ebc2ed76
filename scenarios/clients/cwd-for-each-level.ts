import { quirkyClient } from "anchorage";

export default quirkyClient({
  title: "CWD for each level of a path",
  who: "curl and browsers go down a path one CWD at a time, and learn by PWD where they are. ftp-proxy(8) passes it all.",
  sources: ["RFC 1738 §3.2.2", "curl CURLOPT_FTP_FILEMETHOD"],
  topic: "commands",
  priority: 3,
  asks: { beforeTransfer: ["CWD /", "CWD pub", "PWD", "CWD mirror", "PWD"] },
});
