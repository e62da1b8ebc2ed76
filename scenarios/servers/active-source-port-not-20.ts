import { quirkyServer } from "anchorage";

export default quirkyServer({
  title: "Active data from another port than 20",
  who: "A server without privileges, Windows among them, cannot dial from port 20 and takes any. Filters that want 20 keep it out; the rules of ftp-proxy(8) ask for no source port.",
  sources: [
    "RFC 959 §3.3",
    "lftp ftp:verify-port",
    "drakkan/sftpgo active_transfers_port_non_20",
    "ftp-proxy.c 1.41",
    "quirks-seen: active-source-port-not-20",
  ],
  priority: 1,
  modes: ["active"],
  dialsFrom: 0,
});
