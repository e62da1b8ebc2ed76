import { quirkyServer } from "anchorage";

export default quirkyServer({
  title: "A 227 in the server's own words",
  who: "ftp-srv says `PASV OK`, others `Switched to passive mode`, and firewalls that look for the English words of the canonical reply miss it. For ftp-proxy(8) only the code and the numbers count; the client always gets the canonical words.",
  sources: [
    "RFC 959 §4.2",
    "ftp-srv src/commands/registration/pasv.js",
    "pure-ftpd src/ftpd.c dopasv",
    "ftp-proxy.c 1.41",
    "quirks-seen: pasv-227-custom-wording",
  ],
  families: ["inet"],
  replies: { PASV: ({ hostPort }) => `227 PASV OK (${hostPort})` },
});
