import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** Tests that live in real time, with kernels and programs: they come last and have the machine to themselves. */
const REAL_TIME = ["harness/labs/netns/**/*.test.ts", "test/stand-in/guest.test.ts", "test/stand-in/vagrant.test.ts"];

export default defineConfig({
  resolve: { alias: { anchorage: fileURLToPath(new URL("./index.ts", import.meta.url)) } },
  test: {
    testTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: {
          name: "model",
          include: ["{proxy,harness,scenarios,reports,vm,test}/**/*.test.ts"],
          exclude: REAL_TIME,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: "kernel", include: REAL_TIME, fileParallelism: false, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
