/** What a FILE on the command line names, by its text alone: what local files cost must not be more than this. */

/** Where bytes lie. `file` may still be packed, or a member of an archive. */
export type PlaceKind = "file" | "stdin" | "http" | "azure" | "s3";

const SCHEMES: Readonly<Record<string, PlaceKind>> = { http: "http", https: "http", az: "azure", s3: "s3" };

/** What the text names. */
export function placeKind(text: string): PlaceKind {
  if (text === "-") return "stdin";
  const at = text.indexOf("://");
  return at < 0 ? "file" : (SCHEMES[text.slice(0, at).toLowerCase()] ?? "file");
}
