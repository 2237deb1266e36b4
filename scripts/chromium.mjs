// Finds a Chromium for the browser tests, installing Debian's package where that is possible.
import { existsSync } from "node:fs";
import { fromDebian } from "./debian-packages.mjs";

const CANDIDATES = [
  process.env.CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** Path of a Chromium, or undefined when there is none and none can be installed. */
export function chromium() {
  return fromDebian("chromium", () => CANDIDATES.find((path) => path !== undefined && existsSync(path)));
}
