/**
 * An author's program with `anchorage/testcontainers`: `lab` puts two containers into a play, without it servers serve a
 * client that needs no lab. Its text, for a file in another folder.
 *
 * @example
 * await writeFile("author.mts", authorsProgram((path) => `file:///checkout/${path}`));
 */

export const authorsProgram = (at: (path: string) => string): string => `import assert from "node:assert/strict";
import { GenericContainer } from ${at("node_modules/testcontainers/build/index.js")};
import { Client, enterPassiveModeIPv4 } from ${at("node_modules/basic-ftp/dist/index.js")};
import { Readable, Writable } from "node:stream";
import { containerClient, containerServer, FtpServerContainer } from ${at("harness/testcontainers/testcontainers.ts")};
import { play } from ${at("index.ts")};

process.env.TESTCONTAINERS_RYUK_DISABLED = "true"; // its image cannot be pulled here
if (process.argv[2] === "lab") {
  const server = containerServer(
    new GenericContainer("anchorage-test/proftpd").withEnvironment({ FTP_USER: "anchorage", FTP_PASS: "anchorage" }).withExposedPorts(21),
  );
  const command = ["-sS", "-o", "{download}", "{url}/{file}"];
  const client = containerClient(new GenericContainer("anchorage-test/curl"), command, { name: "mine", version: "2" });
  const result = await play({ client, server });
  assert.equal(result.service.verdict, "works", result.reason);
  assert.deepEqual(result.players.map(({ name }) => name), ["mine", "anchorage-test-proftpd"]);
} else {
  const environment = ({ user, password, address, ports }) => ({
    FTP_USER: user, FTP_PASS: password, PASV_ADDRESS: address,
    PASV_MIN_PORT: String(ports.first), PASV_MAX_PORT: String(ports.last),
  });
  const one = (name) => new FtpServerContainer("anchorage-test/" + name, { environment }).withAccount("me", "secret").start();
  const servers = await Promise.all(["vsftpd", "proftpd", "pyftpdlib"].map(one));
  for (const server of servers) {
    const client = new Client(5000);
    client.prepareTransfer = enterPassiveModeIPv4;
    await client.access({ host: server.getHost(), port: server.getPort(), user: server.user, password: server.password });
    await client.uploadFrom(Readable.from(["hello"]), "hello.txt");
    let got = "";
    await client.downloadTo(new Writable({ write(chunk, _, done) { got += chunk; done(); } }), "hello.txt");
    assert.equal(got, "hello");
    client.close();
    await server.stop();
  }
  const [{ passivePorts: { first, last } }] = servers;
  const taken = await new FtpServerContainer("anchorage-test/vsftpd", { environment }).withPassivePorts(first, last).start();
  await assert.rejects(new FtpServerContainer("anchorage-test/vsftpd", { environment }).withPassivePorts(first, last).start(), /port is already|address already/);
  await taken.stop();
  assert.throws(() => new FtpServerContainer("me/ftpd"), { name: "UnknownImage", image: "me/ftpd" });
}
`;
