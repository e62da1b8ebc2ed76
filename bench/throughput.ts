/**
 * A large file through the netns lab: curl and lftp fetch it from vsftpd and store it there, over PASV
 * and over PORT, through the proxy and the PF model. The same programs on the same hosts then use wires
 * that the kernel forwards by itself. The ratio of the two counts.
 *
 * It needs curl, lftp, vsftpd and the needs of the lab. Without them it measures nothing and reports why.
 */

import { PlayerMissing } from "../harness/contract/scenario.ts";
import netns from "../harness/labs/netns.ts";
import { readSubjects } from "../harness/run/catalogue.ts";
import { type Benchmark, type Measurement, summarise } from "./measure.ts";
import { forwardByKernel, openLab } from "./throughput/lab.ts";
import { startServer, transferring, WAYS } from "./throughput/transfer.ts";

const BYTES = 100_000_000;
const SUBJECTS = ["core", "core-daemon"];

const benchmark: Benchmark = async ({ quick }) => {
  const missing = await netns.unavailable();
  if (missing !== undefined) return notMeasured(missing);
  const rounds = quick ? 1 : 3;
  const bytes = quick ? BYTES / 5 : BYTES;
  const subjects = (await readSubjects()).filter(({ name }) => SUBJECTS.includes(name));
  const size = `${bytes / 1e6} MB, from the program's start to its end`;
  const measured: Measurement[] = [];
  try {
    for (const subject of subjects) {
      const { lab, stop } = await openLab(subject);
      try {
        const { address: direct, undo } = await forwardByKernel(lab);
        const server = await startServer(lab.hosts.server, bytes);
        const client = await transferring(lab.hosts.client, server);
        for (const way of WAYS) {
          const through: number[] = [];
          const plain: number[] = [];
          for (let round = 0; round < rounds; round++) {
            through.push(await client.transfer({ ...way, address: lab.hosts.server.address("inet") }));
            plain.push(await client.transfer({ ...way, address: direct }));
          }
          const { program, direction, command } = way;
          const ratios = through.map((rate, round) => rate / (plain[round] ?? Number.NaN));
          measured.push(
            summarise(`${program} ${direction} ${command}, ${subject.name}`, "Mbit/s", through, size),
            summarise("  the kernel alone", "Mbit/s", plain),
            summarise("  ratio", "", ratios),
          );
        }
        await server.stop();
        await undo();
      } finally {
        await stop();
      }
    }
  } catch (error) {
    if (error instanceof PlayerMissing) return notMeasured(error.message);
    throw error;
  } finally {
    await netns.shutDown?.();
  }
  return measured;
};

function notMeasured(why: string): Measurement[] {
  return [summarise("not measured", "", [], why)];
}

export default benchmark;
