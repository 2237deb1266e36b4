/** Boot options together: what firmware would try, and how to make it forget them. */
export { type BootVariable, bootVariables } from "./boot-variables.ts";
export {
  addBootOption,
  findBootOptions,
  removeBootOptions,
  setBootNext,
  setBootOptionActive,
  setBootOrder,
} from "./change.ts";
export { type BootEntry, type BootOverview, type BootSource, bootOverview } from "./overview.ts";
export { type BootReset, planBootReset } from "./reset.ts";
