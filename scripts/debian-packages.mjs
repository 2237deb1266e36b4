// Programs that tests need and that Debian has packages of: found, or installed where that is possible.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Path of a program that is on the PATH, or undefined. */
export function onPath(program) {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
}

/**
 * What `find` returns. When that is undefined and we may, the package is installed and it is asked again: on a Linux with
 * apt-get, as root, when VMGSKIT_NO_APT is not set.
 */
export function fromDebian(name, find = () => onPath(name)) {
  const found = find();
  if (found !== undefined || !mayInstall()) return found;
  console.error(
    `installing Debian's package ${name}, which tests use (VMGSKIT_NO_APT=1 skips this, and those tests)`,
  );
  apt("update");
  apt("install", "-y", "--no-install-recommends", name);
  return find();
}

function mayInstall() {
  const refused = (process.env.VMGSKIT_NO_APT ?? "") !== "";
  return (
    !refused && process.platform === "linux" && process.getuid?.() === 0 && onPath("apt-get") !== undefined
  );
}

function apt(...args) {
  spawnSync("apt-get", ["-qq", "-o", "Dpkg::Use-Pty=0", ...args], {
    stdio: ["ignore", "ignore", 2],
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
}
