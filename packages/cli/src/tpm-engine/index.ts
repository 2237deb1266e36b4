/** Commands that work with a TPM engine: opening it, and reporting what was done with it. */
export { conformanceDocument, printConformance } from "./conformance-report.ts";
export { type FirstBootPlan, readFirstBootPlan } from "./first-boot-plan.ts";
export {
  type FirstBootDocument,
  firstBootDocument,
  plannedBootDocument,
  printFirstBoot,
} from "./first-boot-report.ts";
export { ENGINE_OPTIONS, FORCE_OPTION, withEngine } from "./open.ts";
