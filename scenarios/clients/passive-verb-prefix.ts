import { quirkyClient } from "anchorage";

export default quirkyClient({
  title: "PASV with an argument",
  who: "ftp-proxy(8) compares four letters: `PASV extra` and `EPSVFOO` are PASV and EPSV to it. That is harmless as long as the server refuses them, and when it does not, they get their rules.",
  sources: [
    "RFC 959 §5.3",
    "ftp-proxy.c 1.41 client_parse_cmd",
    "captures/quirks/passive-verb-prefix.others.txt",
    "captures/openbsd-7.8/pasv_case_and_args.txt",
  ],
  priority: 3,
  families: ["inet"],
  commands: { PASV: "PASV extra" },
});
