/** What examines a version 1 file. Loaded when there is one. */
export { examineV1 } from "../../v1/rooms.ts";
