import { quirkyServer } from "anchorage";

export default quirkyServer({
  title: "150 and 226 in one segment, before the data",
  who: "curl's test server has it as RETRWEIRDO: the transfer is declared complete at its beginning, and the data comes afterwards. ftp-proxy(8) passes both lines.",
  sources: ["curl tests/ftpserver.pl RETRWEIRDO", "curl tests/data/test161"],
  topic: "commands",
  errands: ["fetch", "fetch"],
  replies: { opening: "150 Here it comes\r\n226 Done", done: null },
});
