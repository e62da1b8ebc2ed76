import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { alias: { anchorage: fileURLToPath(new URL("index.ts", import.meta.url)) } },
  test: {
    include: ["{proxy,harness,scenarios,reports,vm,test}/**/*.test.ts"],
    testTimeout: 30_000,
  },
});
