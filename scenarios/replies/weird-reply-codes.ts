import { logsIn, quits, says, scenario } from "anchorage";

export default scenario({
  title: "Replies with codes that RFC 959 does not have",
  quirk:
    "curl's test server answers 314 and 633, RFC 2228 has a whole class of 6xx. ftp-proxy(8) looks for 227 and 229 when it awaits them, and at nothing else.",
  sources: ["curl tests 113 to 118 and 1282", "RFC 2228", "captures/quirks/weird-reply-codes.txt"],
  priority: 3,
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await says(client, server, "SITE ODD", "314 bluah");
    await says(client, server, "PWD", "633 XXXX");
    await says(client, server, "NOOP", "999 Beyond");
    await anchor.isEmpty();
    await quits(stage);
  },
});
