/**
 * A client that does what the script says, line by line.
 *
 * @example
 * await client.connects();
 * await client.gets("220 Ready");
 * await client.sends("PASV");
 */

import type { ConnectionError, Endpoint } from "../../../proxy/host.ts";
import type { LabHost } from "../../contract/lab.ts";
import type { Player } from "../../contract/scenario.ts";
import { Deviation, type Script } from "../../contract/script.ts";
import { extendedHostPort, hostPort, parseExtendedPassive, parseHostPort } from "./addresses.ts";
import { CONNECT_PATIENCE_MS, causeOf, type DataChannel } from "./data-channel.ts";
import { ScriptedPeer } from "./scripted-peer.ts";

export class ScriptedClient extends ScriptedPeer {
  #passive: Endpoint | undefined;
  readonly #others: ScriptedClient[] = [];

  constructor(host: LabHost, script: Script) {
    super("client", host, script);
  }

  /** The address to dial from, when it is not the one that its host would choose. */
  get #from(): { readonly local?: { readonly address: string } } {
    const { roles, family } = this.script;
    return roles.client === this.host.address(family) ? {} : { local: { address: roles.client } };
  }

  /** Opens the control connection to the address that clients dial. */
  connects(options: Partial<Endpoint> = {}): Promise<void> {
    return this.script.step("client", "connects", async (patience) => {
      const { address, port } = { ...this.script.roles.dialled, ...options };
      const connection = this.host.connect({ address, port, ...this.#from });
      await new Promise<void>((resolve, reject) => {
        const fail = (error?: ConnectionError) => {
          timer.cancel();
          reject(new Deviation(causeOf(error), `a control connection to ${address}`, error?.message ?? "no answer"));
        };
        const timer = this.host.clock.after(patience(CONNECT_PATIENCE_MS), () => {
          connection.reset();
          fail();
        });
        connection.handle({
          onConnect: () => {
            timer.cancel();
            this.adopt(connection);
            resolve();
          },
          onClose: fail,
        });
      });
    });
  }

  /** A second client on the same host, with another control connection. */
  another(): ScriptedClient {
    const other = new ScriptedClient(this.host, this.script);
    this.#others.push(other);
    return other;
  }

  override async leave(): Promise<void> {
    for (const other of this.#others.splice(0)) await other.leave();
    await super.leave();
  }

  /** The address and port in the last 227 or 229. */
  get passive(): Endpoint {
    if (this.#passive === undefined) throw new Deviation("silence", "a 227 or 229 reply", "none with an address");
    return this.#passive;
  }

  get passivePort(): number {
    return this.passive.port;
  }

  /** `10,0,0,5,156,64`: PORT's argument for the port that it listens on. */
  get hostPort(): string {
    return hostPort({ address: this.address, port: this.dataPort });
  }

  /** `|1|10.0.0.5|40000|`: EPRT's argument. */
  get extendedHostPort(): string {
    return extendedHostPort(this.script.family, { address: this.address, port: this.dataPort });
  }

  /** Dials the address of the last 227 or 229, or another. */
  opensData(to?: Endpoint): Promise<DataChannel> {
    return this.script.step("client", "opens data", (patience) =>
      this.dial(to ?? this.passive, patience, this.#from.local),
    );
  }

  /** Dials the address of the last 227 or 229, or another, and does not get through. */
  cannotOpenData(cause: "no-answer" | "refused", to?: Endpoint): Promise<void> {
    return this.script.step("client", `cannot open data (${cause})`, (_, differs) =>
      this.dialInVain(cause, to ?? this.passive, differs, this.#from.local),
    );
  }

  protected override heard(line: string): void {
    if (line.startsWith("227")) this.#passive = parseHostPort(line);
    if (line.startsWith("229")) {
      const port = parseExtendedPassive(line);
      this.#passive = port === undefined ? undefined : { address: this.channel.connection.remote.address, port };
    }
  }
}

export const scriptedClient: Player<ScriptedClient> = {
  name: "scripted",
  needs: [],
  async take(host, script) {
    const part = new ScriptedClient(host, script);
    return { part, stop: () => part.leave() };
  },
};
