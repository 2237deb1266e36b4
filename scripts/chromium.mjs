// Finds a Chromium for the browser tests, installing Debian's package where that is possible.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const CANDIDATES = [
  process.env.CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

const find = () => CANDIDATES.find((path) => path !== undefined && existsSync(path));

/** Path of a Chromium, or undefined when there is none and none can be installed. */
export function chromium() {
  const found = find();
  if (found !== undefined || process.platform !== "linux" || process.getuid?.() !== 0) return found;
  const apt = (...args) =>
    spawnSync("apt-get", ["-qq", "-o", "Dpkg::Use-Pty=0", ...args], {
      stdio: ["ignore", "ignore", 2],
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
  apt("update");
  apt("install", "-y", "--no-install-recommends", "chromium");
  return find();
}
