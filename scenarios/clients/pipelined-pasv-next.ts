import { asWithoutProxy, quirkyClient } from "anchorage";

const both = (passive: string) => ({ in: [`${passive}\r\nRETR file.bin\r\n`] });

export default quirkyClient({
  title: "A passive command and RETR in one segment",
  who: "The client does not wait for the 227 or 229. Every client line clears the memory of ftp-proxy(8), so RETR makes it forget the passive command: the reply passes as it came and nothing is opened.",
  sources: [
    "ftp-proxy.c 1.41: client_parse",
    "captures/quirks/pipelined-pasv-next.txt",
    "captures/quirks/pipelined-pasv-next.reverse.txt",
  ],
  priority: 1,
  topic: "pipelining",
  errands: ["fetch"],
  commands: { PASV: both("PASV"), EPSV: both("EPSV"), RETR: null },
  expect: {
    "ftp-proxy": asWithoutProxy("passive"),
  },
});
