/**
 * For tests: basic-ftp logged in at ftp-srv, on two hosts.
 *
 * @example
 * const { client, server } = await session(twoHosts(), { passive: "pasv" });
 */
import { createHash } from "node:crypto";
import { testCertificate } from "../../bottle/test-certificate.ts";
import { SERVER, type TwoHosts } from "../../bottle/two-hosts.fixture.ts";
import { type BasicFtpOptions, basicFtp } from "./basic-ftp.ts";
import { type FtpSrvOptions, ftpSrv } from "./ftp-srv.ts";

export const megabyte = Uint8Array.from({ length: 1 << 20 }, (_, index) => (index * 7 + (index >> 8)) & 0xff);
export const sha256 = (bytes: Uint8Array | undefined): string =>
  createHash("sha256")
    .update(bytes ?? "")
    .digest("hex");
export const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

export async function session(
  hosts: TwoHosts,
  clientOptions: Partial<BasicFtpOptions> = {},
  serverOptions: Partial<FtpSrvOptions> = {},
) {
  const address = serverOptions.address ?? SERVER.inet;
  const server = await ftpSrv.start(hosts.server, { address, files: { "/hello.txt": "hello" }, ...serverOptions });
  const client = await basicFtp.start(hosts.client, { server: { address, port: server.port }, ...clientOptions });
  return { client, server };
}

export const inClear: readonly [string, Partial<BasicFtpOptions>, Partial<FtpSrvOptions>] = ["in clear", {}, {}];
export const securely: typeof inClear = ["over TLS", { tls: { how: "explicit" } }, { tls: testCertificate }];
