import { quirkyClient } from "anchorage";

export default quirkyClient({
  title: "ABOR with the Telnet Synch of lftp and BSD ftp",
  who: "IAC IP, then IAC as urgent data, then DM and ABOR. ftp-proxy(8) does not take urgent data into its stream: that byte is gone and the urgency with it. vsftpd knows the whole sequence or none, and takes the rest for an unknown command.",
  sources: ["RFC 959 §4.1.3", "RFC 854", "vsftpd ftpcmdio.c", "captures/quirks/abor-urgent-oob.txt"],
  topic: "commands",
  needs: ["urgent-data"],
  modes: ["passive"],
  errands: ["fetch"],
  transfers: (client) =>
    client.breaksOff(async () => {
      client.sendsUrgent("\xff\xf4\xff");
      await client.writes({ in: ["\xf2ABOR\r\n"] });
    }),
});
