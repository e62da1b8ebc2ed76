import { quits, says, scenario } from "anchorage";

export default scenario({
  title: "HOST before USER",
  quirk:
    "RFC 7151 lets a client name the virtual host that it wants. With -R there is one server and no choice: ftp-proxy(8) sends the command on.",
  sources: ["RFC 7151", "proftpd-mod_proxy #274", "captures/quirks/reverse-host-command.reverse.txt"],
  priority: 3,
  sides: ["reverse"],
  async play(stage) {
    const { client, server } = stage;
    await client.connects();
    await server.accepts();
    await server.sends("220 Ready");
    await client.gets("220 Ready");
    await says(client, server, "HOST ftp.example.org", "220 Welcome to ftp.example.org");
    await says(client, server, "USER anonymous", "331 Any password will do");
    await quits(stage);
    await stage.anchor.isEmpty();
  },
});
