import { quirkyClient } from "anchorage";

/** The byte 255, doubled as in Telnet, and bytes of Latin-1 and windows-1251. */
const NAME = "caf\xff\xff \x80\x9b\xe9.bin";

export default quirkyClient({
  title: "A file name with bytes above 127 and a doubled IAC",
  who: "lftp doubles the byte 255 in names, as Telnet asks; other clients send Latin-1 or windows-1251 as it is. A proxy that undoes or decodes anything hands the server another name.",
  sources: ["RFC 854", "lftp(1) ftp:use-telnet-iac", "captures/quirks/iac-doubled-8bit.txt"],
  topic: "framing",
  errands: ["store", "fetch"],
  commands: { STOR: `STOR ${NAME}`, RETR: `RETR ${NAME}` },
});
