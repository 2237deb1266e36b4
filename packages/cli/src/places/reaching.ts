/** What places elsewhere are reached with, and which URLs may be asked. */

import type { Environment } from "../context.ts";
import { UsageError } from "../exit-codes.ts";

/** What a place is opened with. */
export type PlaceContext = Pick<Environment, "env" | "readStdin" | "stdinIsTerminal" | "signal">;

/** Options that say how a place is reached. */
export interface PlaceOptions {
  readonly endpoint?: string;
  readonly insecureHttp?: boolean;
}

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** Without TLS every machine on the way can read and change what is sent. */
export function checkedUrl(text: string, { insecureHttp = false }: PlaceOptions): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null) throw new UsageError("this is not a URL that can be used");
  if (url.protocol === "https:" || LOOPBACK.test(url.hostname) || insecureHttp) return url;
  throw new UsageError(
    "http:// to another machine is neither private nor sure to be what was sent",
    "use https://, or add --insecure-http where the network is trusted",
  );
}
