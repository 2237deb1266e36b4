import { defineConfig } from "vitest/config";

// The whole suite under Node; vitest.browser.config.ts runs what needs no Node in a browser.
export default defineConfig({
  assetsInclude: ["**/*.gz", "**/*.bin"],
  test: {
    name: "vmgskit",
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    setupFiles: ["test/equal-bytes.ts"],
    testTimeout: 120_000,
  },
});
