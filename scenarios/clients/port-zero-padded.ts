import { quirkyClient } from "anchorage";

export default quirkyClient({
  title: "PORT with three digits for each number",
  who: "Devices print addresses as `010,000,000,005,156,064`. ftp-proxy(8) reads the numbers as decimal ones, as servers do, and writes them without zeros.",
  sources: ["RFC 959 §5.3.2", "ftp-proxy.c 1.41 parse_port: %u"],
  families: ["inet"],
  commands: { PORT: ({ hostPort }) => `PORT ${hostPort.replace(/\d+/g, (number) => number.padStart(3, "0"))}` },
});
