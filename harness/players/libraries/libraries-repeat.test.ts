/** What repeats from run to run when unmodified libraries play, and what they leave behind. */
import { expect, test } from "vitest";
import { type TwoHosts, twoHosts } from "../../bottle/two-hosts.fixture.ts";
import { encode as encodePacket } from "../../net/wire/encode.ts";
import { inClear, megabyte, securely, session } from "./library-session.fixture.ts";

async function recorded(seed: number, tls: boolean): Promise<TwoHosts> {
  const hosts = twoHosts({ seed });
  const [, ...options] = tls ? securely : inClear;
  await hosts.play(
    (async () => {
      const { client, server } = await session(hosts, ...options);
      await client.list();
      await client.upload("/up.bin", megabyte.subarray(0, 100_000));
      await client.download("/up.bin");
      await client.command("STOU");
      client.stop();
      await server.stop();
    })(),
  );
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

test("nothing real is left behind: no socket, no timer", async () => {
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
