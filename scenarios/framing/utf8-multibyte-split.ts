import { logsIn, quits, scenario } from "anchorage";

/** The UTF-8 bytes of a euro sign, as the control connection carries them. */
const EURO = ["\xe2", "\x82", "\xac"] as const;

export default scenario({
  title: "A UTF-8 name cut in the midst of a character",
  quirk:
    "The three bytes of one character in three segments, each way. A proxy or library that decodes segment by segment turns them into replacement characters.",
  sources: ["RFC 2640", "basic-ftp CHANGELOG 2.17.1", "quirks-seen: utf8-multibyte-split"],
  priority: 3,
  async play(stage) {
    const { client, server } = stage;
    const name = EURO.join("");
    await logsIn(stage);
    await client.sendsSegments(`MKD ${EURO[0]}`, EURO[1], `${EURO[2]}\r\n`);
    await server.gets(`MKD ${name}`);
    await server.sendsSegments(`257 "${EURO[0]}`, EURO[1], `${EURO[2]}" created\r\n`);
    await client.gets(`257 "${name}" created`);
    await quits(stage);
  },
});
