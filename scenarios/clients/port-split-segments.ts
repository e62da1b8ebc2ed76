import { fails, quirkyClient } from "anchorage";

/** Before the last four characters. */
const inTwo = (command: string) => ({ in: [command.slice(0, -4), `${command.slice(-4)}\r\n`] });

export default quirkyClient({
  title: "A PORT in two segments",
  who: "The address comes in two pieces, as a slow client or a full segment before it would have it. A proxy on the stream waits for the line's end. nf_conntrack_ftp drops the first piece and hopes for a repetition of both as one; but the second has been acknowledged selectively, the first is repeated alone and dropped again, and the session hangs.",
  sources: ["RFC 1123 §4.1.2.10", "nf_conntrack_ftp.c: partial match", "Linux 6.18, played"],
  priority: 1,
  commands: {
    PORT: ({ hostPort }) => inTwo(`PORT ${hostPort}`),
    EPRT: ({ extendedHostPort }) => inTwo(`EPRT ${extendedHostPort}`),
  },
  expect: {
    conntrack: fails({ by: "network", at: ["PORT", "EPRT"], notice: "hangs" }),
  },
});
