import { quirkyClient } from "anchorage";

export default quirkyClient({
  title: "EPRT first, then PORT",
  who: "curl and lftp name the same data port by EPRT first and fall back to PORT where the server does not know it. A server that takes EPRT never sees the PORT.",
  sources: ["RFC 2428 §2", "curl lib/ftp.c ftp_state_use_port", "lftp(1) ftp:prefer-epsv"],
  families: ["inet"],
  negotiation: ["EPRT", "PORT"],
});
