import { logsIn, quits, says, scenario } from "anchorage";

/** ftp-proxy.c 1.41: MAX_LINE is 500 bytes, the line's end included. */
const LONGEST = 500 - "\r\n".length;

const longest = (start: string): string => start.padEnd(LONGEST, "a");

export default scenario({
  title: "Lines of 500 bytes, the longest that pass",
  quirk:
    "RFC 959 knows no longest line; ftp-proxy(8) has room for 500 bytes, the line's end counted. Both directions are tried with exactly that.",
  sources: [
    "ftp-proxy.c 1.41: MAX_LINE",
    "captures/quirks/line-500-boundary.client_500_lf.txt",
    "captures/quirks/line-500-boundary.server_499_lf.txt",
  ],
  priority: 1,
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await says(client, server, longest("CWD "), "250 Changed");
    await says(client, server, "PWD", longest("257 "));
    await anchor.isEmpty();
    await quits(stage);
  },
});
