/**
 * A server that does what the script says, line by line. It listens from the beginning of the
 * play; `accepts` takes the next control connection.
 */

import type { LabHost } from "../../harness/lab.ts";
import { CONTROL_PORT } from "../../harness/roles.ts";
import type { Player } from "../../harness/scenario.ts";
import { Deviation, type Script } from "../../harness/script.ts";
import type { Connection, Endpoint, Listener } from "../../proxy/host.ts";
import { hostPort, parseExtendedHostPort, parseHostPort } from "./addresses.ts";
import { PATIENCE_MS } from "./control-channel.ts";
import type { DataChannel } from "./data-channel.ts";
import { ScriptedPeer } from "./scripted-peer.ts";

export class ScriptedServer extends ScriptedPeer {
  #active: Endpoint | undefined;
  #listener: Listener | undefined;
  readonly #waiting: Connection[] = [];
  #onArrival: (() => void) | undefined;

  constructor(host: LabHost, script: Script) {
    super("server", host, script);
  }

  /** Listens for control connections, as a server does before any client comes. */
  async opens(port = CONTROL_PORT): Promise<void> {
    const address = this.host.address(this.script.family);
    this.#listener = await this.host.listen({ address, port }, (connection) => {
      this.#waiting.push(connection);
      this.#onArrival?.();
    });
  }

  /** Stops listening, so that further control connections are refused. */
  refusesConnections(): Promise<void> {
    return this.script.step("server", "refuses connections", () => this.#listener?.close());
  }

  accepts(): Promise<void> {
    return this.script.step("server", "accepts", async () => {
      if (this.#waiting.length === 0) await this.#arrival();
      const connection = this.#waiting.shift();
      if (connection !== undefined) this.adopt(connection);
    });
  }

  /** `198,51,100,7,197,123`: what a 227 says about the port on which it listens. */
  get hostPort(): string {
    return hostPort({ address: this.address, port: this.dataPort });
  }

  /** Where the last PORT or EPRT told it to go. */
  get active(): Endpoint {
    if (this.#active === undefined) throw new Deviation("silence", "a PORT or EPRT command", "none with an address");
    return this.#active;
  }

  get activePort(): number {
    return this.active.port;
  }

  /** Dials where the last PORT or EPRT said, from port 20 as RFC 959 §5.2 has it, or from another. */
  dialsData(options: { readonly to?: Endpoint; readonly from?: number } = {}): Promise<DataChannel> {
    return this.script.step("server", "dials data", () =>
      this.dial(options.to ?? this.active, { address: this.address, port: options.from ?? 20 }),
    );
  }

  protected override heard(line: string): void {
    if (/^PORT /i.test(line)) this.#active = parseHostPort(line);
    if (/^EPRT /i.test(line)) this.#active = parseExtendedHostPort(line);
  }

  #arrival(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = this.host.clock.after(PATIENCE_MS, () => {
        this.#onArrival = undefined;
        reject(new Deviation("silence", "a control connection", `none in ${PATIENCE_MS / 1000} s`));
      });
      this.#onArrival = () => {
        this.#onArrival = undefined;
        timer.cancel();
        resolve();
      };
    });
  }

  override async leave(): Promise<void> {
    this.#listener?.close();
    for (const connection of this.#waiting.splice(0)) connection.close();
    await super.leave();
  }
}

export const scriptedServer: Player<ScriptedServer> = {
  name: "scripted",
  needs: [],
  async take(host, script) {
    const part = new ScriptedServer(host, script);
    await part.opens();
    return { part, stop: () => part.leave() };
  },
};
