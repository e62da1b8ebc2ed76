import { quirkyServer } from "anchorage";

export default quirkyServer({
  title: "A 227 with a full stop",
  who: "vsftpd since 2.1 and wu-ftpd end the sentence after the parenthesis with a full stop, which old clients took for a part of the port. ftp-proxy(8) reads as far as the numbers go; its own 227 has no full stop.",
  sources: ["RFC 959 §4.2", "vsftpd 2.1 Changelog", "ftp-proxy.c 1.41", "quirks-seen: pasv-227-trailing-dot"],
  families: ["inet"],
  replies: { PASV: ({ hostPort }) => `227 Entering Passive Mode (${hostPort}).` },
});
