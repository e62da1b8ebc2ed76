import { quirkyClient } from "anchorage";

export default quirkyClient({
  title: "PORT in small letters",
  who: "Commands may be written in any case, and scripts do. ftp-proxy(8) reads them all; the server always gets PORT in capitals.",
  sources: [
    "RFC 959 §5.3",
    "captures/quirks/port-case-insensitive.txt",
    "captures/quirks/port-case-insensitive.mixed.txt",
  ],
  families: ["inet"],
  commands: { PORT: ({ hostPort }) => `PoRt ${hostPort}` },
});
