/** Finding commands by the words that call them. */

import type { CommandEntry, CommandGroup, CommandNode } from "./command.ts";

export function isGroup(node: CommandNode): node is CommandGroup {
  return "commands" in node;
}

/** All commands, those in groups too, in order. */
export function commandsIn(nodes: readonly CommandNode[]): CommandEntry[] {
  return nodes.flatMap((node) => (isGroup(node) ? node.commands : [node]));
}

/** The command or group that the words begin with. */
export function findNode(nodes: readonly CommandNode[], words: readonly string[]): CommandNode | undefined {
  const node = nodes.find(({ name }) => name === words[0]);
  if (node === undefined || !isGroup(node)) return node;
  return node.commands.find(({ name }) => name === words.slice(0, 2).join(" ")) ?? node;
}

/** The last of the words that call a command. */
export function lastWord(name: string): string {
  return name.slice(name.lastIndexOf(" ") + 1);
}
