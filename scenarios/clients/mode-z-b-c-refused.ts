import { quirkyClient } from "anchorage";

export default quirkyClient({
  title: "MODE Z, MODE C and MODE B, all refused",
  who: "lftp asks for compressed transfers, mainframes for blocks. A server without them answers 504, the client goes on in stream mode, and ftp-proxy(8) does not look at either.",
  sources: ["RFC 959 §3.4", "lftp(1) ftp:use-mode-z", "captures/quirks/mode-z-b-c.txt"],
  priority: 3,
  topic: "commands",
  asks: { beforeTransfer: ["MODE Z", "MODE C", "MODE B"] },
});
