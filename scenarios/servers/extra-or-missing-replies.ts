import { quirkyServer } from "anchorage";

export default quirkyServer({
  title: "A transfer with no 150 and two 226",
  who: "Some servers forget the preliminary reply, some say twice that they are done. A client or proxy that counts replies is out of step from then on; ftp-proxy(8) does not count.",
  sources: ["RFC 959 §5.4", "MoonchildProductions/UXP #1349", "yob/em-ftpd #7", "captures/openbsd-7.8/pasv4.txt"],
  topic: "pipelining",
  errands: ["fetch"],
  replies: { opening: null, done: "226 Done\r\n226 Done, really" },
});
