import { logsIn, quits, says, scenario } from "anchorage";

export default scenario({
  title: "Names with bytes above 127 and doubled IAC",
  quirk:
    "lftp doubles the byte 255 in names, as Telnet asks; other clients send Latin-1 or windows-1251 as it is. A proxy that undoes or decodes anything hands the server another name.",
  sources: ["RFC 854", "lftp(1) ftp:use-telnet-iac", "captures/quirks/iac-doubled-8bit.txt"],
  priority: 2,
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await says(client, server, "SIZE caf\xff\xff", "213 1024");
    await says(client, server, "SIZE caf\xe9 \x80\x9b\xfe", "550 caf\xe9 \x80\x9b\xfe: no such file");
    await anchor.isEmpty();
    await quits(stage);
  },
});
