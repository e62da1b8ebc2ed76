/**
 * A third host on the client's network, without a part in the play: the target of a bounce attack, or the thief of a
 * data connection. It listens, tries to connect, and checks that no connection reached it.
 *
 * @example
 * const neighbour = await ThirdHost.of(stage);
 * await client.sends(`PORT ${neighbour.hostPort}`);
 * await neighbour.wasLeftAlone();
 */

import type { Endpoint } from "../../../proxy/host.ts";
import type { LabHost } from "../../contract/lab.ts";
import type { Script } from "../../contract/script.ts";
import { extendedHostPort, hostPort } from "./addresses.ts";
import { VAIN_PATIENCE_MS } from "./scripted-peer.ts";

/** Longer than a handshake. */
const ON_THE_WAY_MS = 1_000;

export class ThirdHost {
  readonly endpoint: Endpoint;
  readonly #host: LabHost;
  readonly #script: Script;
  readonly #visitors: string[] = [];

  private constructor(host: LabHost, script: Script, port: number) {
    this.#host = host;
    this.#script = script;
    this.endpoint = { address: host.address(script.family), port };
  }

  /** The client's neighbour, listening on that port. */
  static async of(script: Script, port = 40_000): Promise<ThirdHost> {
    const host = script.hosts[script.side === "forward" ? "inside-intruder" : "outside-intruder"];
    const neighbour = new ThirdHost(host, script, port);
    await host.listen(neighbour.endpoint, (connection) => {
      neighbour.#visitors.push(connection.remote.address);
      connection.close();
    });
    return neighbour;
  }

  get hostPort(): string {
    return hostPort(this.endpoint);
  }

  get extendedHostPort(): string {
    return extendedHostPort(this.#script.family, this.endpoint);
  }

  /** No host has connected so far, and no connection is on its way. */
  wasLeftAlone(): Promise<void> {
    return this.#script.step("intruder", "was left alone", async (_, differs) => {
      await this.#script.wait(this.#script.abridged(ON_THE_WAY_MS));
      const [visitor] = this.#visitors;
      if (visitor !== undefined) differs("dialogue", "no visitor", `a connection from ${visitor}`);
    });
  }

  /** Tries to connect, and gets no answer or a refusal. */
  cannotConnect(to: Endpoint): Promise<void> {
    return this.#script.step("intruder", `cannot connect to port ${to.port}`, async (_, differs) => {
      const connection = this.#host.connect(to);
      const connected = await new Promise<boolean>((resolve) => {
        const timer = this.#host.clock.after(VAIN_PATIENCE_MS, () => resolve(false));
        const settle = (result: boolean) => {
          timer.cancel();
          resolve(result);
        };
        connection.handle({ onConnect: () => settle(true), onClose: () => settle(false) });
      });
      connection.reset();
      if (connected) differs("dialogue", `no way in to ${to.address}`, "an open connection");
    });
  }
}
