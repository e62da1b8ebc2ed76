import { logsIn, quits, scenario } from "anchorage";

export default scenario({
  title: "ABOR with the Telnet Synch of lftp and BSD ftp",
  quirk:
    "IAC IP, then IAC as urgent data, then DM and ABOR. ftp-proxy(8) does not take urgent data into its stream: that byte is gone and the urgency with it, and vsftpd, which knows the whole sequence or none, takes what is left for an unknown command.",
  sources: ["RFC 959 §4.1.3", "RFC 854", "vsftpd ftpcmdio.c", "captures/quirks/abor-urgent-oob.txt"],
  priority: 2,
  needs: ["urgent-data"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await client.sendsUrgent("\xff\xf4\xff");
    await client.sendsSegments("\xf2ABOR\r\n");
    await server.gets("\xff\xf4\xf2ABOR");
    await server.getsNoUrgentByte();
    await server.sends("500 What?");
    await client.gets("500 What?");
    await anchor.isEmpty();
    await quits(stage);
  },
});
