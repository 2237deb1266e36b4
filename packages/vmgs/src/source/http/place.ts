/** What of a URL may be shown, and the secrets that it can hold. */

import { checkText } from "../../arguments/index.ts";

const HIDDEN = "<hidden>";

/**
 * User name and password before the host; Node and shells may have dropped one of the slashes. A password that was not
 * encoded may hold "/", "?", "#" and "@": all up to the last "@" goes, within a length that keeps the search linear.
 */
const USER_INFO = /(:\/{1,2})[^\s"'\\<>]{0,512}@/g;

/** Parameters of a URL or of a connection string whose values grant access. */
const PARAMETER =
  /((?:^|[\s?&#;"'`(]|%3f|%26|%23)(?:sig|se|code|sas|auth|pwd|(?<=[?&#]|%3f|%26|%23)key|[\w.-]{0,64}?(?:token|signature|credential|secret|passw|passphrase|apikey|api[_-]key|accountkey|accesskey|access[_-]key)[\w.-]{0,64})(?:=|%3d))[^\s&;"'`\\)<>#]+/gi;

/**
 * The text without the secrets that URLs can hold: signatures and expiry of shared access signatures, tokens, passwords,
 * user names. Finished JSON text stays JSON.
 */
export function hideUrlSecrets(text: string): string {
  checkText(text, "text");
  // Nearly no text has either.
  if (!/@|=|%3d/i.test(text)) return text;
  // Parameters first: a value with "@" is no user name.
  return text.replace(PARAMETER, `$1${HIDDEN}`).replace(USER_INFO, `$1${HIDDEN}@`);
}

/** A URL as messages name it: without user, password, query and fragment. */
export function placeOfUrl({ protocol, host, pathname }: URL): string {
  return `${protocol}//${host}${pathname}`;
}
