/** X.509 certificates: what people need to see of them, and who issued whom. No trust list, no dates. */
export { type ChainBreak, findChainBreak, type RsaUse, rsaCryptoKeyOf } from "./chain.ts";
export { pemCertificates } from "./pem.ts";
export {
  type CertificateFields,
  type RsaPublicKey,
  readX509,
  sha256Of,
  type X509Certificate,
} from "./x509.ts";
