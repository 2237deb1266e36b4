/** How a store is opened, as the common options say: container, generation. */

import type { ContainerOptions, Generation } from "vmgskit";
import type { OptionValues } from "./declaration/index.ts";

export function containerOptions(options: OptionValues): ContainerOptions {
  const container = options.disk as ContainerOptions["container"];
  const sectorSize =
    options.sectorSize === undefined ? undefined : (Number(options.sectorSize) as 512 | 4096);
  return { ...(container && { container }), ...(sectorSize && { sectorSize }) };
}

export function generationOf(options: OptionValues): Generation {
  return options.generation === "previous" ? "previous" : "current";
}
