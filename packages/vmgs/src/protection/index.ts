/**
 * What a store's own files prove: datastore keys derived from its protectors and tried on its key slots.
 *
 * @packageDocumentation
 */
export {
  deriveStoreKey,
  type MissingKey,
  type MissingKeyReason,
  type StoreKeyDerivation,
  type StoreKeySources,
  type TriedCandidate,
} from "./derive-store-key.ts";
