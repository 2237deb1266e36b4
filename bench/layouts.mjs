// Decoding a file table of 64 entries: our declared layouts beside the library micro-packed. See
// docs/decisions/0001-declared-layouts.md.
import * as P from "micro-packed";
import { decode, encode, fileTable } from "../packages/vmgs/dist/structures.js";
import { inTurn, ratio, table } from "./measure.mjs";

const entries = Array.from({ length: 64 }, (_, i) => ({
  offset: i + 2,
  allocationSize: 1,
  validDataSize: 4096n,
  nonce: new Uint8Array(12).fill(i + 1),
  authenticationTag: new Uint8Array(16).fill(i + 1),
  attributes: 3,
  reserved: new Uint8Array(16),
}));
const bytes = encode(fileTable, { entries });
const packed = P.struct({
  entries: P.array(
    64,
    P.struct({
      offset: P.U32LE,
      allocationSize: P.U32LE,
      validDataSize: P.U64LE,
      nonce: P.bytes(12),
      authenticationTag: P.bytes(16),
      attributes: P.U32LE,
      reserved: P.bytes(16),
    }),
  ),
});
if (packed.decode(bytes).entries[63].offset !== decode(fileTable, bytes).entries[63].offset)
  throw new Error("differ");

const ROUNDS = 500;
const repeat = (action) => () => {
  for (let i = 0; i < ROUNDS; i++) action();
};
const value = decode(fileTable, bytes);
const [ours, theirs, oursEncode, theirsEncode] = await inTurn(
  [
    repeat(() => decode(fileTable, bytes)),
    repeat(() => packed.decode(bytes)),
    repeat(() => encode(fileTable, value)),
    repeat(() => packed.encode(value)),
  ],
  9,
);
const each = (ms) => `${((ms / ROUNDS) * 1000).toFixed(0)} us`;
table("A file table of 64 entries in use", [
  ["decode, our layouts", each(ours), ""],
  ["decode, micro-packed", each(theirs), ratio(theirs, ours)],
  ["encode, our layouts", each(oursEncode), ""],
  ["encode, micro-packed", each(theirsEncode), ratio(theirsEncode, oursEncode)],
]);
