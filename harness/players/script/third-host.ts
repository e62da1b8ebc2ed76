/**
 * A third host on the client's network, without a part in the play: the target of a bounce attack, or the thief of a
 * data connection. It listens and tries to connect. Whatever gets through to it, or from it, is harm (invariant
 * `intruder-out`) and changes nothing else of the play.
 *
 * @example
 * const neighbour = await ThirdHost.of(stage);
 * await client.sends(`PORT ${neighbour.hostPort}`);
 * await neighbour.wasLeftAlone();
 */

import type { Endpoint } from "../../../proxy/host.ts";
import type { HostName } from "../../contract/lab.ts";
import type { Script } from "../../contract/script.ts";
import { extendedHostPort, hostPort } from "./addresses.ts";

/** Longer than a handshake. */
const ON_THE_WAY_MS = 1_000;

export class ThirdHost {
  readonly endpoint: Endpoint;
  readonly #name: HostName;
  readonly #script: Script;

  private constructor(name: HostName, script: Script, port: number) {
    this.#name = name;
    this.#script = script;
    this.endpoint = { address: script.hosts[name].address(script.family), port };
  }

  /** The client's neighbour, listening on that port. */
  static async of(script: Script, port = 40_000): Promise<ThirdHost> {
    const name = script.side === "forward" ? "inside-intruder" : "outside-intruder";
    const neighbour = new ThirdHost(name, script, port);
    await script.hosts[name].listen(neighbour.endpoint, (connection) => {
      script.thirdHost.wasVisited(neighbour.endpoint, connection.remote.address);
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

  /** Waits for connections on their way. Each connection that comes is harm, and does not stop the play. */
  wasLeftAlone(): Promise<void> {
    return this.#script.step("intruder", "waits for connections", () => this.#wait());
  }

  /** Tries to connect. An attempt that gets through is harm, and does not stop the play. */
  cannotConnect(to: Endpoint): Promise<void> {
    return this.#script.step("intruder", `tries port ${to.port}`, () => {
      this.#script.thirdHost.tries(this.#name, to);
      return this.#wait();
    });
  }

  /** As long with an attempt as without one, so that nothing else depends on it. */
  #wait(): Promise<void> {
    return this.#script.wait(this.#script.abridged(ON_THE_WAY_MS));
  }
}
