/** Files behind HTTP. */
export { type HttpSource, type HttpSourceOptions, httpSource } from "./http-source.ts";
export { hideUrlSecrets, placeOfUrl } from "./place.ts";
export type { Fetch, FetchInit } from "./request.ts";
