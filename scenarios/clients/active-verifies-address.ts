import { quirkyClient } from "anchorage";

export default quirkyClient({
  title: "A client that takes data from its server's address only",
  who: "lftp and commons-net compare the address of a data connection with the server's. Through ftp-proxy(8) data comes from the address that the client dialled, also with -R, where the server's own is another.",
  sources: [
    "lftp(1) ftp:verify-address",
    "commons-net FTPClient.setRemoteVerificationEnabled",
    "ftp-proxy(8) -R",
    "captures/quirks/port-canonical.reverse.txt",
  ],
  modes: ["active"],
  refusesData: ({ address }, { options: { server } }) =>
    address === server.address ? undefined : `data from ${address}, not from ${server.address}`,
});
