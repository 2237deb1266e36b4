/** Limits of the variable store (spec: uefi-nvram, section 1). */

/** Bytes of the whole list. Readers refuse longer ones; the reference writes only lists that are shorter than this. */
export const MAX_LIST_BYTES = 131_072;
/** Fewer bytes than this up to the limit are worth a warning: updates of dbx have some kilobytes. */
export const LOW_LIST_BYTES = 8192;

/** Bytes of a name, its NUL included. */
export const MAX_NAME_BYTES = 2048;
/** Bytes of the data of one variable. */
export const MAX_DATA_BYTES = 32_768;
