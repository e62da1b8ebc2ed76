import { quits, says, scenario } from "anchorage";

const GREETING = ["220-Welcome", " 1234 users since Monday", "220-", "331 is not our reply", "220 Ready"];

export default scenario({
  title: "A greeting of several lines, some of them like replies",
  quirk:
    "wu-ftpd, pure-ftpd and IIS greet with pages of text, and what stands between the first and the last line may look like anything. ftp-proxy(8) sends lines on and knows nothing of replies.",
  sources: ["RFC 959 §4.2", "curl #3884", "captures/quirks/banner-multiline.txt"],
  priority: 2,
  async play(stage) {
    const { client, server } = stage;
    await client.connects();
    await server.accepts();
    await server.sendsSegments(...GREETING.map((line) => `${line}\r\n`));
    for (const line of GREETING) await client.gets(line);
    await says(client, server, "USER anonymous", "331 Any password will do");
    await quits(stage);
  },
});
