/** Names of commands as arguments: of `vmgs help` and `vmgs man`. */

import { type CommandNode, findNode, isGroup, lastWord, type Suggestion } from "../declaration/index.ts";

/** What can follow the words before: commands and groups, or the commands of a group. */
export function nameSuggestions(nodes: readonly CommandNode[], before: readonly string[]): Suggestion[] {
  const within = before.length === 0 ? undefined : findNode(nodes, before);
  const offered =
    before.length === 0 ? nodes : within !== undefined && isGroup(within) ? within.commands : [];
  return offered.map(({ name, summary }) => ({ value: lastWord(name), meaning: summary }));
}

/** Every name there is: groups, and what is in them. */
export function knownNames(nodes: readonly CommandNode[]): string[] {
  return nodes.flatMap((node) => [
    node.name,
    ...(isGroup(node) ? node.commands.map(({ name }) => name) : []),
  ]);
}
