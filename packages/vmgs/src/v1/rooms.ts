/**
 * The door of version 1 files for other rooms of this library: steps, and the parts that reading and writing are made
 * of. Never re-exported: arguments are not checked here.
 */
export { editV1Variables } from "./edit.ts";
export { examineV1 } from "./examine.ts";
export { openV1Steps } from "./file.ts";
export { isGptDisk } from "./gpt-disk.ts";
export { chooseV1Header, encodeV1Header, readV1Header, v1HeaderChecksum } from "./header.ts";
export { gptChecksum, readGpt } from "./read-gpt.ts";
export { readV1Copy, surveyV1, v1LayoutOf } from "./survey.ts";
export { NVRAM_STATE, readV1Variables } from "./variables.ts";
