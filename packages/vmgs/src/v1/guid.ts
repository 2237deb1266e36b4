/** Names that are GUIDs: of devices and of vendors. */

/** The GUID that a name is, in lower case and without braces. */
export function guidOf(name: string): string | undefined {
  const bare = name.toLowerCase().replace(/^\{(.*)\}$/, "$1");
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(bare) ? bare : undefined;
}
