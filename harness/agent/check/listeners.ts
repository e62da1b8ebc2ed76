/** The promises about listeners. */

import { ConnectionError } from "../../../proxy/host.ts";
import { type Check, closeFrom, expect, pair, pause, Untried, until, utf8, Witness } from "./check.ts";

export const listenerChecks: readonly Check[] = [
  {
    title: "a listener on all addresses serves IPv4, and names the peer as IPv4",
    async run(host) {
      let far: Witness | undefined;
      const listener = await host.listen({ port: 0 }, (connection) => {
        far = new Witness(connection);
      });
      const near = new Witness(host.connect({ address: "127.0.0.1", port: listener.local.port }));
      await until(host, "CONNECTED and ACCEPTED", () => near.connected && far !== undefined);
      expect("the peer's address", far?.connection.remote.address, "127.0.0.1");
      listener.close();
    },
  },
  {
    title: "an address in use cannot be listened on: EADDRINUSE",
    async run(host) {
      const { port, stop } = await pair(host);
      const code = await host
        .listen({ address: "127.0.0.1", port }, () => {})
        .then(
          () => "none",
          (error) => (error instanceof ConnectionError ? error.code : String(error)),
        );
      expect("the code", code, "EADDRINUSE");
      stop();
    },
  },
  {
    title: "a stopped listener accepts nothing more; what it accepted goes on",
    async run(host) {
      const { near, far, port, stop } = await pair(host);
      stop();
      await pause(host, 20);
      const late = new Witness(host.connect({ address: "127.0.0.1", port }));
      near.connection.write(utf8("still here"));
      await until(host, "bytes on the old connection", () => far.text === "still here");
      await until(host, "a refusal of the new one", () => late.closed !== undefined);
    },
  },
  {
    title: "a port with an earlier connection in TIME_WAIT can be listened on again: SO_REUSEADDR",
    async run(host) {
      const { near, far, port, stop } = await pair(host);
      stop();
      await closeFrom(host, far, near);
      const listener = await host.listen({ address: "127.0.0.1", port }, () => {});
      expect("where it listens", listener.local.port, port);
      listener.close();
    },
  },
  {
    title: "a transparent listener takes an address that is not the host's own",
    needs: "transparent",
    async run(host) {
      const address = "198.51.100.253";
      const listener = await host
        .listen({ address, port: 0, transparent: true }, () => {})
        .catch((error) => {
          const forbidden = error instanceof ConnectionError && ["EPERM", "EACCES"].includes(error.code);
          throw forbidden ? new Untried("the agent's user may not: it needs root, or CAP_NET_ADMIN") : error;
        });
      expect("where it listens", listener.local.address, address);
      listener.close();
    },
  },
];
