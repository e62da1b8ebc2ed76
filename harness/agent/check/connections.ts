/** The promises about connections. */

import type { AgentHost } from "../runner/agent-host.ts";
import {
  Broken,
  type Check,
  closeFrom,
  expect,
  freePort,
  pair,
  pattern,
  pause,
  until,
  utf8,
  Witness,
} from "./check.ts";

/** More than any kernel buffers for a connection that is not read. */
const LONG = 24 * 1024 * 1024;
/** Longer than one frame, several times the first credit. */
const MEDIUM = 1_000_003;

export const connectionChecks: readonly Check[] = [
  {
    title: "ACCEPTED and BOUND report both ends of a connection, as the other end sees them",
    async run(host) {
      const { near, far, port, stop } = await pair(host);
      expect("the accepted local end", far.connection.local, { address: "127.0.0.1", port });
      expect("the dialled local end", near.connection.local, far.connection.remote);
      stop();
    },
  },
  {
    title: "BOUND reports the local end before the attempt is known to succeed",
    async run(host) {
      const listener = await host.listen({ address: "127.0.0.1", port: 0 }, (connection) => connection.reset());
      const near = host.connect({ address: "127.0.0.1", port: listener.local.port });
      let portThen: number | undefined;
      near.handle({
        onConnect: () => {
          portThen = near.local.port;
        },
      });
      await near.attempted;
      if (near.local.port === 0) throw new Broken("BOUND: no local port");
      await until(host, "CONNECTED", () => portThen !== undefined);
      if (portThen === 0) throw new Broken("CONNECTED came before BOUND");
      near.reset();
      listener.close();
    },
  },
  {
    title: "over IPv6 as over IPv4",
    async run(host) {
      const { near, far, stop } = await pair(host, "::1");
      near.connection.write(utf8("six"));
      await until(host, "three bytes", () => far.text === "six");
      expect("the peer's address", far.connection.remote.address, "::1");
      stop();
    },
  },
  {
    title: "bytes arrive whole and in order, both ways at once, each way past its first credit",
    async run(host) {
      const { near, far, stop } = await pair(host);
      const bytes = pattern(MEDIUM);
      near.connection.write(bytes);
      far.connection.write(bytes);
      const arrived = () => `${MEDIUM} bytes each way (${far.bytes} and ${near.bytes} have come)`;
      await until(host, arrived, () => near.bytes >= MEDIUM && far.bytes >= MEDIUM);
      for (const end of [near, far]) {
        if (Buffer.compare(Buffer.concat(end.pieces), bytes) !== 0) throw new Broken("other bytes have arrived");
      }
      stop();
    },
  },
  {
    title: "END is a FIN: the other direction goes on, and both together close with an empty code",
    async run(host) {
      const { near, far, stop } = await pair(host);
      near.connection.write(utf8("question"));
      near.connection.end();
      await until(host, "END at the other end", () => far.ended);
      expect("what came before the end", far.text, "question");
      far.connection.write(utf8("answer"));
      far.connection.end();
      await until(host, "CLOSED of both", () => near.closed !== undefined && far.closed !== undefined);
      expect("what came after the half-close", near.text, "answer");
      expect("the codes", [near.closed, far.closed], [{}, {}]);
      stop();
    },
  },
  {
    title: "RESET is an RST: the other end is closed with ECONNRESET",
    async run(host) {
      const { near, far, stop } = await pair(host);
      near.connection.reset();
      await until(host, "CLOSED at the other end", () => far.closed !== undefined);
      expect("the code", far.closed?.code, "ECONNRESET");
      stop();
    },
  },
  {
    title: "bytes that came before an RST are sent before it",
    async run(host) {
      const { near, far, stop } = await pair(host);
      near.connection.write(utf8("last words"));
      near.connection.reset();
      await until(host, "CLOSED at the other end", () => far.closed !== undefined);
      expect("the bytes and the code", [far.text, far.closed?.code], ["last words", "ECONNRESET"]);
      stop();
    },
  },
  {
    title: "CLOSE comes after what was sent before",
    async run(host) {
      const { near, far, stop } = await pair(host);
      near.connection.write(pattern(200_000));
      near.connection.close();
      await until(
        host,
        () => `200000 bytes and END (${far.bytes} bytes have come)`,
        () => far.bytes === 200_000 && far.ended,
      );
      await until(host, "CLOSED of the closing end", () => near.closed !== undefined);
      stop();
    },
  },
  {
    title: "a port without a listener: ECONNREFUSED",
    async run(host) {
      const port = await freePort(host);
      const late = new Witness(host.connect({ address: "127.0.0.1", port }));
      await until(host, "CLOSED", () => late.closed !== undefined);
      expect("the code", late.closed?.code, "ECONNREFUSED");
    },
  },
  {
    title: "an address that is not the host's own cannot be bound: EADDRNOTAVAIL",
    async run(host) {
      const local = { address: "198.51.100.253", port: 0 };
      const near = new Witness(host.connect({ address: "127.0.0.1", port: 9, local }));
      await until(host, "CLOSED", () => near.closed !== undefined);
      expect("the code", near.closed?.code, "EADDRNOTAVAIL");
    },
  },
  {
    title: "a local address and port asked for are what the peer sees",
    async run(host) {
      // No second address: of 127.0.0.0/8 a BSD has 127.0.0.1 only.
      const local = { address: "127.0.0.1", port: await freePort(host) };
      let seen: unknown;
      const listener = await host.listen({ address: "127.0.0.1", port: 0 }, (connection) => {
        seen = connection.remote;
      });
      const near = new Witness(host.connect({ address: "127.0.0.1", port: listener.local.port, local }));
      await until(host, "ACCEPTED", () => seen !== undefined);
      expect("the peer", seen, local);
      near.connection.reset();
      listener.close();
    },
  },
  {
    title: "a local port with an earlier connection in TIME_WAIT can be bound again: SO_REUSEADDR",
    async run(host) {
      const local = { address: "127.0.0.1", port: await freePort(host) };
      for (const which of ["the first", "the second"]) {
        let far: Witness | undefined;
        const listener = await host.listen({ address: "127.0.0.1", port: 0 }, (connection) => {
          far = new Witness(connection);
        });
        const near = new Witness(host.connect({ address: "127.0.0.1", port: listener.local.port, local }));
        await until(host, `ACCEPTED of ${which}, or CLOSED`, () => far !== undefined || near.closed !== undefined);
        if (far === undefined) throw new Broken(`${which} connection from port ${local.port}: ${near.closed?.code}`);
        await closeFrom(host, near, far);
        listener.close();
      }
    },
  },
  {
    title: "without credit from the runner the agent sends nothing, and reads no more of the socket",
    async run(host) {
      const { near, far, stop } = await pair(host);
      far.connection.pause();
      near.connection.write(new Uint8Array(LONG));
      await stalled(host, () => near.connection.pending);
      if (near.connection.pending === 0) throw new Broken(`${LONG} bytes were taken although they are not read`);
      if (far.bytes > 65_536) throw new Broken(`${far.bytes} bytes were sent for a credit of 65536`);
      far.connection.resume();
      await until(
        host,
        "all bytes, once they are read",
        () => far.bytes === LONG,
        () => far.bytes,
      );
      stop();
    },
  },
  {
    title: "each DATA frame is a separate write",
    async run(host) {
      const { near, far, stop } = await pair(host);
      near.connection.write(utf8("PORT 10,0,"));
      await until(host, "the first piece", () => far.bytes === 10);
      near.connection.write(utf8("0,5,156,64\r\n"));
      await until(host, "the second piece", () => far.bytes === 22);
      expect("the text", far.text, "PORT 10,0,0,5,156,64\r\n");
      stop();
    },
  },
  {
    title: "urgent data arrives as URGENT, and not in the stream",
    needs: "urgent",
    async run(host) {
      const { near, far, stop } = await pair(host);
      near.connection.write(utf8("ab"));
      near.connection.writeUrgent(utf8("c!"));
      await until(host, "URGENT", () => far.urgent.length > 0);
      await until(host, "the stream", () => far.bytes >= 3);
      expect("the urgent byte", far.urgent, [33]);
      expect("the stream", far.text, "abc");
      stop();
    },
  },
  {
    title: "SWEEP resets connections and stops listeners",
    async run(host) {
      const { near, far, port } = await pair(host);
      await host.sweep();
      expect("CLOSED came before SWEEP's", near.closed !== undefined && far.closed !== undefined, true);
      const late = new Witness(host.connect({ address: "127.0.0.1", port }));
      await until(host, "a refusal", () => late.closed !== undefined);
      expect("the code", late.closed?.code, "ECONNREFUSED");
    },
  },
];

/** Until a number has not changed for a while. */
async function stalled(host: AgentHost, value: () => number): Promise<void> {
  for (let last = -1; last !== value(); await pause(host, 250)) last = value();
}
