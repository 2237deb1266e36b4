/** The content of a file, by its declared fields where it has any. */

import { BLOCK_SIZE, type FileRecord, fileRole, type SyncDisk, type SyncStore } from "vmgskit";
import { bytePart, type HexdumpPart } from "../terminal/index.ts";
import { hiddenRow, type Readable, readableBytes, rowsOf, rowsWithin, type Stretch } from "./byte-rows.ts";
import { pictureFile } from "./file-picture.ts";

export interface FileView {
  readonly disk: SyncDisk;
  readonly store: SyncStore;
  readonly id: number;
  /** The part of the content that is wanted. */
  wanted(byteLength: number): Stretch;
  readonly rawSecrets: boolean;
}

/** Draws a file: fields where its layout is known, hidden where it should be a secret, else bytes. */
export async function filePart({ disk, store, id, wanted, rawSecrets }: FileView): Promise<HexdumpPart> {
  const content = contentOf(disk, store, id);
  const stretch = wanted(content.byteLength);
  const title = `file ${id}`;
  if (!rawSecrets && content.byteLength <= MOST_PICTURED) {
    const drawn = await pictureFile(id, content.read({ start: 0, end: content.byteLength }));
    if (drawn !== null) {
      const rows = [...rowsWithin(drawn.rows, stretch)];
      return { title, offset: stretch.start, structured: true, rows, error: drawn.error?.message ?? null };
    }
  }
  if (!rawSecrets && fileRole(id).secret) {
    const rows = stretch.end > stretch.start ? [hiddenRow(stretch, 0, HIDDEN)] : [];
    return bytePart(title, stretch.start, rows);
  }
  return bytePart(title, stretch.start, rowsOf(content, stretch));
}

const HIDDEN = "seeds or private keys whose layout is unknown or damaged; --raw-secrets shows them";

/** More than any file whose fields are known. */
const MOST_PICTURED = 131_072;

/** Plain content is read from the disk as it is drawn; what is encrypted must be decrypted whole. */
function contentOf(disk: SyncDisk, store: SyncStore, id: number): Readable {
  const record = store.state.files.get(id);
  const listed = store.files.find((file) => file.id === id);
  if (record === undefined || listed?.encrypted !== false || !listed.readable) {
    return readableBytes(store.readFile(id));
  }
  return {
    byteLength: record.byteLength,
    read: (stretch) => readStretch(disk, record, stretch),
  };
}

function readStretch(disk: SyncDisk, record: FileRecord, { start, end }: Stretch): Uint8Array {
  const bytes = new Uint8Array(end - start);
  disk.readSync(record.block * BLOCK_SIZE + start, bytes);
  return bytes;
}
