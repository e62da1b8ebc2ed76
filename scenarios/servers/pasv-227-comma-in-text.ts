import { quirkyServer } from "anchorage";

export default quirkyServer({
  title: "A 227 with a comma before the address",
  who: "The first vsftpd wrote a comma after “Mode”, and Netscape, which counted commas, dialled somewhere else. ftp-proxy(8) reads from the parenthesis on, and its own 227 has no such comma: behind it even Netscape works.",
  sources: ["RFC 959 §4.2", "vsftpd 0.0.4 Changelog", "ftp-proxy.c 1.41", "quirks-seen: pasv-227-comma-in-text"],
  priority: 3,
  families: ["inet"],
  replies: { PASV: ({ hostPort }) => `227 Entering Passive Mode, (${hostPort})` },
});
