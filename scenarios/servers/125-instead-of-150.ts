import { quirkyServer } from "anchorage";

export default quirkyServer({
  title: "125 at the start of a transfer",
  who: "IIS and mainframes say that the data connection is open already. ftp-proxy(8) does not look at it.",
  sources: ["RFC 959 §5.4", "Microsoft IIS: 125 Data connection already open; Transfer starting."],
  topic: "commands",
  replies: { opening: "125 Data connection already open; Transfer starting." },
});
