import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";

// The core's own tests in a real browser: no Node global is there to lean on. CHROMIUM names the executable.
export default defineConfig({
  assetsInclude: ["**/*.gz", "**/*.bin"],
  test: {
    name: "vmgskit in a browser",
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    exclude: ["**/*.node.test.ts"],
    setupFiles: ["test/browser-setup.ts", "test/equal-bytes.ts"],
    testTimeout: 120_000,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({
        launchOptions: {
          executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
          args: [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
          ],
        },
      }),
      instances: [{ browser: "chromium" }],
    },
  },
});
