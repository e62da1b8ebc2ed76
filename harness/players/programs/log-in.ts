/**
 * The account logs in to a server from the server's own host and leaves again: nothing of it crosses a wire.
 *
 * @example
 * await answersLogIn(host, "198.51.100.7", 10_000); // false: nobody listens there, or greets
 */

import type { Host } from "../../../proxy/host.ts";
import { CONTROL_PORT } from "../../contract/roles.ts";
import { Deviation } from "../../contract/script.ts";
import { ControlChannel, toBytes } from "../script/control-channel.ts";
import { PASSWORD, USER } from "./account.ts";

/** The last line of a reply, RFC 959 section 4.2. */
const LAST_LINE = /^[1-5]\d\d /;
const WANTS_PASSWORD = "331";

/** Whether it greets. What it says to the log-in is for the play to judge; it is only waited for. */
export async function answersLogIn(host: Host, address: string, patienceMs: number): Promise<boolean> {
  const connection = host.connect({ address, port: CONTROL_PORT });
  const control = new ControlChannel(connection, host.clock);
  const end = host.clock.now() + patienceMs;
  const reply = async (to: string): Promise<string> => {
    for (;;) {
      const line = await control.line(`a reply to ${to}`, Math.max(0, end - host.clock.now()));
      if (LAST_LINE.test(line)) return line;
    }
  };
  const asks = (command: string, argument: string): Promise<string> => {
    connection.write(toBytes(`${command} ${argument}\r\n`));
    return reply(command);
  };
  let answers = false;
  try {
    await reply("the connection");
    answers = true;
    const answer = await asks("USER", USER);
    if (answer.startsWith(WANTS_PASSWORD)) await asks("PASS", PASSWORD);
  } catch (error) {
    if (!(error instanceof Deviation)) throw error;
  }
  connection.reset();
  return answers;
}
