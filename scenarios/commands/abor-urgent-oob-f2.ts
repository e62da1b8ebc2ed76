import { logsIn, quits, scenario } from "anchorage";

export default scenario({
  title: "ABOR with the urgent mark on DM",
  quirk:
    "Others put the urgent mark on the byte DM. ftp-proxy(8) loses that one, so that a stray IAC stands right before the A of ABOR.",
  sources: ["RFC 854", "giampaolo/pyftpdlib control.py", "captures/quirks/abor-urgent-oob.f2_urgent.txt"],
  priority: 2,
  needs: ["urgent-data"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await client.sendsUrgent("\xff\xf4\xff\xf2");
    await client.sendsSegments("ABOR\r\n");
    await server.gets("\xff\xf4\xffABOR");
    await server.getsNoUrgentByte();
    await server.sends("500 What?");
    await client.gets("500 What?");
    await anchor.isEmpty();
    await quits(stage);
  },
});
