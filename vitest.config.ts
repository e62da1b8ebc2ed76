import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Tests that live in real time, with kernels and programs: they come last and have the machine to themselves. */
const REAL_TIME = ["harness/labs/netns/**/*.test.ts", "test/stand-in/guest.test.ts", "test/containers/*.test.ts"];
/** Boots emulated machines for minutes and has patience: it starts first, and the model's tests run beside it. */
const MACHINES = "test/stand-in/vagrant.test.ts";

class MachinesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isMachine = ({ moduleId }: TestSpecification) => moduleId.endsWith(MACHINES);
    return [...sorted.filter(isMachine), ...sorted.filter((file) => !isMachine(file))];
  }
}

export default defineConfig({
  resolve: { alias: { anchorage: fileURLToPath(new URL("./index.ts", import.meta.url)) } },
  test: {
    testTimeout: 30_000,
    // Vitest leaves one core to others, which is half of a small machine.
    maxWorkers: "100%",
    sequence: { sequencer: MachinesFirst },
    projects: [
      {
        extends: true,
        test: {
          name: "model",
          include: ["{proxy,harness,scenarios,reports,vm,test}/**/*.test.ts"],
          exclude: [...REAL_TIME, MACHINES],
          sequence: { groupOrder: 0 },
        },
      },
      { extends: true, test: { name: "machines", include: [MACHINES], sequence: { groupOrder: 0 } } },
      {
        extends: true,
        test: { name: "kernel", include: REAL_TIME, fileParallelism: false, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
