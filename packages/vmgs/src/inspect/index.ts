/** What can be said about a store: one report for people, scripts and pages. */
export {
  describeContainer,
  type InspectedContainer,
  type InspectedEncryption,
  type InspectedFile,
  type InspectedHeader,
  type Inspection,
  type InspectOptions,
  inspectDisk,
} from "./inspection.ts";
export { type InspectedMarker, markerReport } from "./marker-report.ts";
