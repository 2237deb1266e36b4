/** Places that are not plain files: URLs, Azure, S3, standard input, packed files, members of archives. Loaded when needed. */
export { openPlace, wholeOf } from "./open-place.ts";
export type { PlaceContext, PlaceOptions } from "./reaching.ts";
