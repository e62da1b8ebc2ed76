import { quirkyClient } from "anchorage";

export default quirkyClient({
  title: "HOST before USER",
  who: "RFC 7151 lets a client name the virtual host that it wants. With -R there is one server and no choice: ftp-proxy(8) sends the command on.",
  sources: ["RFC 7151", "proftpd-mod_proxy #274", "captures/quirks/reverse-host-command.reverse.txt"],
  priority: 3,
  topic: "reverse",
  sides: ["reverse"],
  asks: { beforeLogin: ["HOST ftp.example.org"] },
});
