/** What can be said about a store: one report for people, scripts and pages. */
export {
  describeContainer,
  type InspectedContainer,
  type InspectedEncryption,
  type InspectedFile,
  type InspectedHeader,
  type InspectedMarker,
  type Inspection,
  type InspectOptions,
  inspectDisk,
  markerReport,
} from "./inspection.ts";
