import { quirkyClient } from "anchorage";

export default quirkyClient({
  title: "ABOR with the urgent mark on DM",
  who: "Others put the urgent mark on the byte DM. ftp-proxy(8) loses that one, so that a stray IAC comes right before the A of ABOR.",
  sources: ["RFC 854", "giampaolo/pyftpdlib control.py", "captures/quirks/abor-urgent-oob.f2_urgent.txt"],
  topic: "commands",
  needs: ["urgent-data"],
  modes: ["passive"],
  errands: ["fetch"],
  transfers: (client) =>
    client.breaksOff(async () => {
      client.sendsUrgent("\xff\xf4\xff\xf2");
      await client.writes({ in: ["ABOR\r\n"] });
    }),
});
