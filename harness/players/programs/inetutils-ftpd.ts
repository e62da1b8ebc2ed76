/** ftpd of GNU inetutils, started for each connection as inetd(8) does, since alone it runs only in the background. */

import type { ServerProgram } from "./program-server.ts";

const INETD = `
import socket, subprocess, sys
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
listener = socket.create_server((sys.argv[1], 21), family=family)
while True:
    client, _ = listener.accept()
    subprocess.Popen(sys.argv[2:], stdin=client, stdout=client, stderr=subprocess.DEVNULL)
    client.close()
`;

export const inetutilsFtpd: ServerProgram = {
  name: "inetutils-ftpd",
  command: "ftpd",
  package: "inetutils-ftpd",
  versionArgs: ["--version"],
  launcher: ({ address }) => ["python3", "-c", INETD, address],
  args: () => ["-a", "default"],
};
