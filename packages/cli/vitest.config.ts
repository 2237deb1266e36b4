import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const library = (path: string) => fileURLToPath(new URL(`../vmgs/src/${path}`, import.meta.url));

// The library's sources stand in for its build, so that tests need none.
export default defineConfig({
  resolve: {
    alias: [
      { find: /^vmgskit\/node$/, replacement: library("node/index.ts") },
      { find: /^vmgskit\/format$/, replacement: library("structures.ts") },
      { find: /^vmgskit$/, replacement: library("index.ts") },
    ],
  },
  test: {
    name: "vmgskit-cli",
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    testTimeout: 60_000,
    passWithNoTests: true,
  },
});
