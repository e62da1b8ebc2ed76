import { quirkyClient } from "anchorage";

export default quirkyClient({
  title: "ALLO, SITE and STRU before each transfer",
  who: "Mainframe clients describe the file before they send it: STRU, ALLO, SITE RECFM. A Unix server refuses some of it, and ftp-proxy(8) looks at none.",
  sources: ["RFC 959 §4.1.2, §4.1.3", "IBM z/OS Communications Server: FTP client"],
  topic: "commands",
  priority: 3,
  errands: ["store"],
  asks: { beforeTransfer: ["STRU F", "SITE RECFM=FB LRECL=80", "ALLO 46890"] },
});
