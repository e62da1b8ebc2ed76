import { quirkyClient } from "anchorage";

export default quirkyClient({
  title: "The dialogue of FileZilla without TLS",
  who: "It tries AUTH TLS and AUTH SSL first, goes on in plain text when both are refused, and asks SYST, FEAT, CLNT, OPTS and PWD before the first transfer. None of it matters to ftp-proxy(8).",
  sources: ["FileZilla src/engine/ftp/logon.cpp"],
  topic: "commands",
  errands: ["list", "fetch", "store"],
  asks: {
    beforeLogin: ["AUTH TLS", "AUTH SSL"],
    afterLogin: ["SYST", "FEAT", "CLNT FileZilla", "OPTS UTF8 ON", "PWD", "TYPE I"],
  },
});
