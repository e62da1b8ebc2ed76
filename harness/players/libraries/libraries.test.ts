/** basic-ftp against ftp-srv, both unmodified, on two hosts of the simulated network. */
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Connection } from "../../../proxy/host.ts";
import { testCertificate } from "../../bottle/test-certificate.ts";
import { LEFT, RIGHT, type TwoHosts, twoHosts } from "../../labs/sim/two-hosts.fixture.ts";
import { duplicate } from "../../net/faults/duplicate.ts";
import { loss } from "../../net/faults/loss.ts";
import { reorder } from "../../net/faults/reorder.ts";
import { encode as encodePacket } from "../../net/wire/encode.ts";
import { type BasicFtpOptions, basicFtp } from "./basic-ftp.ts";
import { type FtpSrvOptions, ftpSrv } from "./ftp-srv.ts";

const megabyte = Uint8Array.from({ length: 1 << 20 }, (_, index) => (index * 7 + (index >> 8)) & 0xff);
const sha256 = (bytes: Uint8Array | undefined): string =>
  createHash("sha256")
    .update(bytes ?? "")
    .digest("hex");
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

const pause = ({ clock }: TwoHosts, milliseconds: number): Promise<void> =>
  new Promise((resolve) => void clock.after(milliseconds, resolve));

/** basic-ftp logged in at ftp-srv. */
async function session(
  hosts: TwoHosts,
  clientOptions: Partial<BasicFtpOptions> = {},
  serverOptions: Partial<FtpSrvOptions> = {},
) {
  const address = serverOptions.address ?? RIGHT.inet;
  const server = await ftpSrv.start(hosts.right, { address, files: { "/hello.txt": "hello" }, ...serverOptions });
  const client = await basicFtp.start(hosts.left, { server: { address, port: server.port }, ...clientOptions });
  return { client, server };
}

const inClear: readonly [string, Partial<BasicFtpOptions>, Partial<FtpSrvOptions>] = ["in clear", {}, {}];
const securely: typeof inClear = ["over TLS", { tls: { how: "explicit" } }, { tls: testCertificate }];

const ways: readonly (readonly [string, Partial<BasicFtpOptions>, Partial<FtpSrvOptions>, RegExp])[] = [
  ["IPv4, EPSV", {}, {}, /^< 229 /],
  ["IPv4, PASV", { passive: "pasv" }, {}, /^< 227 .*198,51,100,7/],
  ["IPv6, EPSV", {}, { address: RIGHT.inet6 }, /^< 229 /],
  ["explicit TLS", { tls: { how: "explicit", trust: testCertificate.cert } }, { tls: testCertificate }, /^< 229 /],
  ["implicit TLS", { tls: { how: "implicit" } }, { tls: { ...testCertificate, implicit: true } }, /^< 229 /],
  [
    "explicit TLS over IPv6",
    { tls: { how: "explicit", trust: testCertificate.cert } },
    { tls: testCertificate, address: RIGHT.inet6 },
    /^< 229 /,
  ],
];

describe.each(ways)("%s", (_name, clientOptions, serverOptions, answer) => {
  test("list, upload and download of 1 MB, append and restart arrive whole", async () => {
    const hosts = twoHosts();
    await hosts.play(async () => {
      const { client, server } = await session(hosts, clientOptions, serverOptions);
      const listed = await client.list();
      expect(listed.map(({ name, size }) => [name, size])).toEqual([["hello.txt", 5]]);
      const sent = await client.upload("/up.bin", megabyte);
      expect(sent).toEqual({ bytes: 1 << 20, sha256: sha256(server.files.read("/up.bin")) });
      expect((await client.download("/up.bin")).sha256).toBe(sent.sha256);
      await client.append("/hello.txt", encode(" again"));
      expect(Buffer.from((await client.download("/hello.txt", 2)).content).toString()).toBe("llo again");
      expect(client.lines.some(({ text }) => answer.test(text))).toBe(true);
      client.stop();
      await server.stop();
      expect([client.failure, server.failure]).toEqual([undefined, undefined]);
    });
  });
});

test.each([inClear, securely])(
  "on a link that loses, doubles and swaps packets all arrives whole, %s",
  async (_name, ...options) => {
    const hosts = twoHosts({ seed: 3, link: { latencyMs: 10 } });
    hosts.link.install(loss({ probability: 0.03 }));
    hosts.link.install(reorder({ probability: 0.05, milliseconds: 15 }));
    hosts.link.install(duplicate({ probability: 0.05 }));
    await hosts.play(async () => {
      const { client, server } = await session(hosts, ...options);
      const sent = await client.upload("/up.bin", megabyte.subarray(0, 200_000));
      expect(sha256(server.files.read("/up.bin"))).toBe(sent.sha256);
      expect((await client.download("/up.bin")).sha256).toBe(sent.sha256);
      client.stop();
      await server.stop();
    });
  },
);

test("the players name the versions that play", () => {
  expect(basicFtp.version).toMatch(/^6\./);
  expect(ftpSrv.version).toMatch(/^4\.6\./);
});

test("the server keeps the commands as it understood them, with virtual times", async () => {
  const hosts = twoHosts();
  await hosts.play(async () => {
    const { client, server } = await session(
      hosts,
      { user: "ftp", password: "x" },
      { user: { name: "ftp", password: "x" } },
    );
    client.stop();
    await pause(hosts, 1000);
    await server.stop();
    expect(server.commands.map(({ line }) => line)).toEqual([
      "OPTS UTF8 ON",
      "USER ftp",
      "PASS x",
      "FEAT",
      "TYPE I",
      "STRU F",
      "OPTS UTF8 ON",
      "QUIT",
    ]);
  });
});

test("a wrong password is refused with the server's reply", async () => {
  const hosts = twoHosts();
  const play = session(hosts, { user: "ftp", password: "no" }, { user: { name: "ftp", password: "x" } });
  await expect(hosts.play(play)).rejects.toThrow("530 Login incorrect");
});

test("a refused connection is reported as by Node", async () => {
  const hosts = twoHosts();
  const play = basicFtp.start(hosts.left, { server: { address: RIGHT.inet, port: 2121 } });
  await expect(hosts.play(play)).rejects.toMatchObject({
    code: "ECONNREFUSED",
    message: "connect ECONNREFUSED 198.51.100.7:2121 (control socket)",
  });
});

test("a 227 that names another host is refused, unless that is allowed", async () => {
  const lists = (allowSeparateTransferHost: boolean): Promise<readonly string[]> => {
    const hosts = twoHosts();
    const play = async (): Promise<readonly string[]> => {
      const { client } = await session(
        hosts,
        { passive: "pasv", allowSeparateTransferHost },
        { passiveAddress: "10.0.0.1" },
      );
      return (await client.list()).map(({ name }) => name);
    };
    return hosts.play(play());
  };
  await expect(lists(false)).rejects.toThrow("PASV returned another host (10.0.0.1)");
  // A private address in place of a public one: the library dials the control connection's host instead.
  await expect(lists(true)).resolves.toEqual(["hello.txt"]);
});

test("a silent server is given up after the client's 30 s of virtual time", async () => {
  const hosts = twoHosts();
  await hosts.right.listen({ address: RIGHT.inet, port: 21 }, (connection) => connection.handle({}));
  const started = hosts.clock.now();
  const play = basicFtp.start(hosts.left, { server: { address: RIGHT.inet, port: 21 } });
  await expect(hosts.play(play)).rejects.toThrow("Timeout (control socket)");
  expect(hosts.clock.now() - started).toBeGreaterThanOrEqual(30_000);
  expect(hosts.clock.now() - started).toBeLessThan(30_500);
});

test("an idle client is sent away after the server's day of virtual time", async () => {
  const hosts = twoHosts();
  const day = 86_400_000;
  await hosts.play(async () => {
    const { client, server } = await session(hosts, {}, { idleTimeoutMs: day });
    const last = hosts.clock.now();
    while (!client.library.closed) await pause(hosts, 1000);
    expect(client.lines.at(-1)?.text).toMatch(/^> QUIT/);
    expect(client.lines.some(({ text }) => text.startsWith("< 421 "))).toBe(true);
    expect(hosts.clock.now() - last).toBeGreaterThanOrEqual(day - 1000);
    expect(hosts.clock.now() - last).toBeLessThan(day + 2000);
    await server.stop();
  }, 2 * day);
});

test("a server that dies in the middle of a download ends the client's call with an error", async () => {
  const hosts = twoHosts();
  await hosts.play(async () => {
    const { client, server } = await session(hosts, {}, { files: { "/big": megabyte } });
    const download = client.download("/big");
    download.catch(() => {});
    while (!client.lines.some(({ text }) => text.startsWith("< 150"))) await pause(hosts, 1);
    server.kill();
    await expect(download).rejects.toThrow(/ECONNRESET|closed/);
    client.stop();
  });
});

test("a connection that ends in the middle of an upload ends the client's call with an error", async () => {
  const hosts = twoHosts();
  const dataConnections: Connection[] = [];
  await hosts.right.listen({ address: RIGHT.inet, port: 5000 }, (connection) => {
    connection.handle({});
    dataConnections.push(connection);
  });
  await hosts.right.listen({ address: RIGHT.inet, port: 21 }, (connection) => {
    const say = (line: string) => connection.write(encode(`${line}\r\n`));
    connection.handle({
      onData: (bytes) => {
        const line = Buffer.from(bytes).toString();
        if (line.startsWith("EPSV")) say("229 Entering Extended Passive Mode (|||5000|)");
        else if (line.startsWith("STOR")) {
          say("150 go on");
          hosts.clock.after(20, () => dataConnections[0]?.reset());
        } else say(line.startsWith("USER") ? "230 in" : "200 fine");
      },
    });
    say("220 ready");
  });
  const play = basicFtp
    .start(hosts.left, { server: { address: RIGHT.inet, port: 21 } })
    .then((client) => client.upload("/f", megabyte));
  await expect(hosts.play(play)).rejects.toThrow(/ECONNRESET|EPIPE/);
});

test("ftp-srv dials back for PORT and EPRT", async () => {
  const hosts = twoHosts();
  await hosts.play(async () => {
    const server = await ftpSrv.start(hosts.right, { address: RIGHT.inet, files: { "/hello.txt": "hello" } });
    const got: string[] = [];
    let ended = 0;
    await hosts.left.listen({ address: LEFT.inet, port: 50_001 }, (connection) => {
      connection.handle({
        onData: (bytes) => got.push(Buffer.from(bytes).toString()),
        onEnd: () => {
          ended++;
          connection.close();
        },
      });
    });
    const control = hosts.left.connect({ address: RIGHT.inet, port: 21 });
    const commands = [
      "USER anonymous",
      "PORT 198,51,100,5,195,81",
      "RETR /hello.txt",
      "EPRT |1|198.51.100.5|50001|",
      "RETR /hello.txt",
      "QUIT",
    ];
    await new Promise<void>((resolve) => {
      control.handle({
        onData: (bytes) => {
          const reply = Buffer.from(bytes).toString();
          if (reply.startsWith("221")) resolve();
          else if (!reply.startsWith("150")) control.write(encode(`${commands.shift()}\r\n`));
        },
      });
    });
    expect(got).toEqual(["hello", "hello"]);
    expect(ended).toBe(2);
    await server.stop();
  });
});

/** A session with the same commands each time, with its capture. */
async function recorded(seed: number, tls: boolean): Promise<TwoHosts> {
  const hosts = twoHosts({ seed });
  const [, ...options] = tls ? securely : inClear;
  await hosts.play(async () => {
    const { client, server } = await session(hosts, ...options);
    await client.list();
    await client.upload("/up.bin", megabyte.subarray(0, 100_000));
    await client.download("/up.bin");
    await client.command("STOU");
    client.stop();
    await server.stop();
  });
  return hosts;
}

test("two runs with one seed give the same packets at the same virtual times, byte for byte", async () => {
  const [one, two] = [await recorded(7, false), await recorded(7, false)];
  expect(Buffer.compare(one.capture.bytes(), two.capture.bytes())).toBe(0);
  expect(one.capture.packets.length).toBeGreaterThan(100);
});

test("two runs over TLS give packets of the same length at the same virtual times", async () => {
  const shape = ({ capture }: TwoHosts) =>
    capture.packets.map(({ atMicroseconds, interface: at, packet }) => [
      atMicroseconds,
      at,
      encodePacket(packet).length,
    ]);
  const quiet = shape(await recorded(7, true));
  // The second run shares Node's event loop with other work, which must not show.
  let noisy = true;
  const noise = (): void => {
    if (noisy) setImmediate(noise);
  };
  noise();
  const busy = shape(await recorded(7, true));
  noisy = false;
  expect(busy).toEqual(quiet);
});

test("no real socket or timer is left", async () => {
  const count = () =>
    process
      .getActiveResourcesInfo()
      .filter((name) => /Timeout|TCP|TLS|Immediate/.test(name))
      .sort();
  await recorded(1, true);
  const before = count();
  await recorded(1, true);
  await recorded(1, false);
  expect(count().length).toBeLessThanOrEqual(before.length);
});
