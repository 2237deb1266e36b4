/** Version of the library; written by scripts/version.mjs. */
export const version = "0.1.0";
