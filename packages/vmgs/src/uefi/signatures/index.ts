/** Signature databases and the certificates in them. */
export {
  type CertificateFields,
  type RsaPublicKey,
  sha256Of,
  type X509Certificate,
} from "../../certificate/index.ts";
export { type NewSignatures, newSignatures } from "./append-signatures.ts";
export { type Certificate, readCertificate } from "./certificate.ts";
export { type SecurityVersion, securityVersion, securityVersionStruct } from "./security-version.ts";
export {
  encodeSignatureLists,
  readSignatureLists,
  type Signature,
  type SignatureList,
  type SignatureListsReading,
  SignatureType,
  type SignatureTypeName,
  signatureData,
  signatureListHeader,
  signatureListOf,
  signatureListStruct,
} from "./signature-list.ts";
export { type CertificateRole, type WellKnownCertificate, wellKnownCertificate } from "./well-known.ts";
