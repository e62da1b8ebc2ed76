/** basic-ftp as a program: `node basic-ftp.mjs MODE HOST PORT USER PASSWORD TIMEOUT_MS FILE…`. */

import { Client, enterPassiveModeIPv4 } from "basic-ftp";

const [mode, host, port, user, password, timeoutMs, ...files] = process.argv.slice(2);
const client = new Client(Number(timeoutMs));
if (mode === "pasv") client.prepareTransfer = enterPassiveModeIPv4;
try {
  await client.access({ host, port: Number(port), user, password });
  for (const file of files) await client.downloadTo(file, file);
} catch (error) {
  console.error(`${error}`);
  process.exitCode = 1;
}
client.close();
