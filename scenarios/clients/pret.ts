import { quirkyClient } from "anchorage";

export default quirkyClient({
  title: "PRET before each transfer",
  who: "Clients of distributed servers announce the file before they ask for a port. A server that does not know PRET refuses it, and ftp-proxy(8) passes it.",
  sources: ["curl tests 1107 and 1108", "drftpd-ng/drftpd", "captures/quirks/pret.txt"],
  topic: "commands",
  asks: { beforeTransfer: ["PRET RETR file.bin"] },
});
