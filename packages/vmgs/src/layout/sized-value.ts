import { type Codec, checkCodec, checkEnd, encode } from "./codec.ts";
import { decodePart } from "./picture.ts";

/** A length in bytes, then a value that takes exactly that many: a TPM2B around a structure, for example. */
export function sizedValue<T>(length: Codec<number>, value: Codec<T>): Codec<T> {
  checkCodec(length, "length");
  checkCodec(value, "value");
  return {
    size: undefined,
    type: `${length.type} length, ${value.type}`,
    nested: true,
    decode: (source) => {
      const size = decodePart(source, "size", length, "bytes that follow");
      const part = source.part(size);
      const decoded = value.decode(part);
      checkEnd(part);
      return decoded;
    },
    encode: (sink, decoded) => {
      const bytes = encode(value, decoded);
      length.encode(sink, bytes.length);
      sink.append(bytes);
    },
    toJson: value.toJson,
  };
}
