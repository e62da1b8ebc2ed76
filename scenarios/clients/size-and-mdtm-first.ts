import { quirkyClient } from "anchorage";

export default quirkyClient({
  title: "SIZE, MDTM and REST before each transfer",
  who: "wget and curl ask for size and date of a file, and whether a transfer may be resumed, before they fetch it. ftp-proxy(8) clears what is pending at each of these lines, and nothing is pending yet.",
  sources: ["RFC 3659 §3, §4", "wget src/ftp.c", "curl lib/ftp.c"],
  topic: "commands",
  asks: { beforeTransfer: ["SIZE file.bin", "MDTM file.bin", "REST 0"] },
});
