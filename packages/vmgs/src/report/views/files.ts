/** The files of a store in words, for people. */

import { documentOf } from "../checks.ts";
import type { FilesDocument } from "../documents/files.ts";
import { toned } from "../text.ts";
import { fields, list, section, type View } from "../view.ts";
import { clip } from "../words/sizes.ts";

const checkDocument = documentOf("vmgs.files/1");

/** A line a file, and what is wrong with it. */
export function filesView(document: FilesDocument): View {
  checkDocument(document, "document");
  const { file, files } = document;
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
