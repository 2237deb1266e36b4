/** The spelling of the oldest scripts: `-r -f vm.vmgs -fileid 3` for `dump --file-path vm.vmgs --file-id 3`. */

const COMMANDS: Readonly<Record<string, string>> = {
  "-c": "create",
  "-create": "create",
  "-w": "write",
  "-write": "write",
  "-r": "dump",
  "-dump": "dump",
  "-rh": "dump-headers",
  "-dumpheaders": "dump-headers",
  "-qs": "query-size",
  "-querysize": "query-size",
  "-uk": "update-key",
  "-updatekey": "update-key",
  "-e": "encrypt",
  "-encrypt": "encrypt",
};

const OPTIONS: Readonly<Record<string, string>> = {
  "-f": "--file-path",
  "-filepath": "--file-path",
  "-s": "--file-size",
  "-filesize": "--file-size",
  "-i": "--file-id",
  "-fileid": "--file-id",
  "-d": "--data-path",
  "-datapath": "--data-path",
  "-ow": "--allow-overwrite",
  "-allowoverwrite": "--allow-overwrite",
  "-k": "--key-path",
  "-keypath": "--key-path",
  "-n": "--new-key-path",
  "-newkeypath": "--new-key-path",
  "-ea": "--encryption-algorithm",
  "-encryptionalgorithm": "--encryption-algorithm",
  "-fc": "--force-create",
  "-forcecreate": "--force-create",
};

const find = (table: Readonly<Record<string, string>>, word: string): string | undefined => {
  const name = word.toLowerCase();
  return Object.hasOwn(table, name) ? table[name] : undefined;
};

/** The arguments in today's spelling, or null when the first one is not an old command. */
export function translateLegacy([first = "", ...rest]: readonly string[]): string[] | null {
  const command = find(COMMANDS, first);
  if (command === undefined) return null;
  return [command, ...rest.map((word) => find(OPTIONS, word) ?? word)];
}
