/** The readers of the guest's small files. Loaded when there is one. */
export { nameProtection, readGuestFile } from "../../guest/index.ts";
