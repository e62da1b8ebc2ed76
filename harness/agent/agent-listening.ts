/** A listener on an agent's host. */

import type { Connection, Endpoint, Listener, ListenOptions } from "../../proxy/host.ts";
import { AgentConnection, connectionError } from "./agent-connection.ts";
import { Body, Fields, FRAME, LISTEN_TRANSPARENT } from "./frame.ts";
import type { Wire } from "./wire.ts";

/** Rejects with ConnectionError when the address cannot be bound. */
export function listeningAt(
  host: Wire,
  options: ListenOptions,
  onConnection: (connection: Connection) => void,
): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const { address = "", port, backlog = 0, transparent = false } = options;
    let open = true;
    const id = host.enter({
      take(type, body) {
        const fields = new Fields(body);
        if (type === FRAME.bound) {
          const local: Endpoint = { address: fields.text(), port: fields.u16() };
          resolve({ local: { ...local, address: local.address || address }, close });
        } else if (type === FRAME.accepted) {
          const accepted = fields.u32();
          const [own, remote] = [endpoint(fields), endpoint(fields)];
          const connection = new AgentConnection(host, accepted, remote, own);
          host.enter(connection, accepted);
          if (open) onConnection(connection);
          else connection.reset();
        }
      },
      lost: (code, message) => reject(connectionError(code || "EIO", message)),
    });
    const close = () => {
      if (open) host.send(FRAME.close, id);
      open = false;
    };
    const flags = transparent ? LISTEN_TRANSPARENT : 0;
    host.send(FRAME.listen, id, new Body().text(address).u16(port).u16(backlog).u8(flags));
  });
}

const endpoint = (fields: Fields): Endpoint => ({ address: fields.text(), port: fields.u16() });
