/** X.509 certificates, as far as people need to see them. Nothing is verified. */
export {
  type CertificateFields,
  type RsaPublicKey,
  readX509,
  sha256Of,
  type X509Certificate,
} from "./x509.ts";
