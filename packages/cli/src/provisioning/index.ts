/** What `vmgs provision` is asked for, and how it reports what it did. */
export { type ProvisionPlan, readPlan } from "./plan.ts";
export { reportProvision } from "./report.ts";
