/** The declarations of commands and what they share. */
export type {
  ArgumentDeclaration,
  CommandArguments,
  CommandDeclaration,
  CommandEntry,
  CommandGroup,
  CommandNode,
  Example,
  OptionDeclaration,
  OptionValues,
  Suggestion,
} from "./command.ts";
export { commandsIn, findNode, isGroup, lastWord } from "./command-tree.ts";
export { type OptionName, optionName } from "./option-name.ts";
export { fileIdArgument, fileIdSuggestions, storeArgument, storesArgument } from "./shared-arguments.ts";
export {
  BACKUP_OPTION,
  CHANGE_OPTIONS,
  DISK_OPTIONS,
  GENERAL_OPTIONS,
  GENERATION_OPTION,
  HELP_OPTION,
  JSON_OPTION,
  KEY_OPTION,
  KEY_SOURCE_OPTIONS,
  newKeyOption,
  OUTPUT_OPTION,
  OUTPUT_OPTIONS,
  PLACE_OPTIONS,
  PLAN_OPTIONS,
  READING_OPTIONS,
  VERSION_OPTION,
  WIPE_OPTION,
  withCompanions,
} from "./shared-options.ts";
