/**
 * `vmgstool`: a drop-in for the tool that automation already uses (docs/vmgstool.md). Its commands, options and exit
 * codes are the reference's; the implementation is ours.
 */
export { main } from "./main.ts";
export { toolManPage } from "./man-page.ts";
