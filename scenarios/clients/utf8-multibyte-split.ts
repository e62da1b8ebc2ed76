import { quirkyClient } from "anchorage";

/** The UTF-8 bytes of a euro sign, as the control connection carries them. */
const [FIRST, ...REST] = ["\xe2", "\x82", "\xac"] as const;
const cut = (verb: string) => ({ in: [`${verb} ${FIRST}`, ...REST, ".bin\r\n"] });

export default quirkyClient({
  title: "A UTF-8 name cut in the midst of a character",
  who: "The three bytes of one character come in three segments. A proxy or library that decodes segment by segment turns them into replacement characters.",
  sources: ["RFC 2640", "basic-ftp CHANGELOG 2.17.1", "quirks-seen: utf8-multibyte-split"],
  priority: 3,
  topic: "framing",
  errands: ["store", "fetch"],
  commands: { STOR: cut("STOR"), RETR: cut("RETR") },
});
