import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const library = (path: string) => fileURLToPath(new URL(`../vmgs/src/${path}`, import.meta.url));

// The command line runs in process on the library's sources: no build is needed, but for what tests the executable.
export default defineConfig({
  resolve: {
    alias: [
      { find: /^vmgskit$/, replacement: library("index.ts") },
      { find: /^vmgskit\/node\/tpm$/, replacement: library("node/tpm-engines/index.ts") },
      { find: /^vmgskit\/format$/, replacement: library("structures.ts") },
      { find: /^vmgskit\/([a-z0-9-]+)$/, replacement: library("$1/index.ts") },
    ],
  },
  test: {
    name: "vmgskit-cli",
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    setupFiles: ["../vmgs/test/equal-bytes.ts"],
    globalSetup: "test/support/build.ts",
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
