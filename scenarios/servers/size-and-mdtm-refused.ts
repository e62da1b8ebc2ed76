import { quirkyServer } from "anchorage";

const refuses = "550 No such file or directory";

export default quirkyServer({
  title: "SIZE and MDTM refused for a file that is there",
  who: "A server refuses SIZE and MDTM with 550 and serves the file all the same. curl believes that the file does not exist; ftp-proxy(8) does not look at such replies.",
  sources: ["RFC 3659 §3.1, §4.1", "curl lib/ftp.c ftp_state_size_resp", "docs/reference/clients.jsonl"],
  topic: "replies",
  replies: { SIZE: refuses, MDTM: refuses },
});
