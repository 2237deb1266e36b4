/** The files of a store in words, for people. */

import type { FilesDocument } from "../documents/files.ts";
import { toned } from "../text.ts";
import { fields, list, section, type View } from "../view.ts";
import { clip } from "../words/sizes.ts";

/** A line a file, and what is wrong with it. */
export function filesView({ file, files }: FilesDocument): View {
  return {
    place: file,
    headline: null,
    sections: section(
      null,
      fields(files.map(({ fileId, name, words }) => [`${name ?? "file"} (${fileId})`, words])),
      list(
        files.flatMap(({ name, facts, problems }) =>
          facts === null
            ? []
            : problems.map(({ message }) => [toned("warning", "note:"), ` ${name} ${clip(message)}`]),
        ),
      ),
    ),
  };
}
