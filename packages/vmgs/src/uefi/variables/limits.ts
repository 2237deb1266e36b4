/** Limits of the variable store (spec: uefi-nvram, section 1). */

/** Bytes of the whole list. */
export const MAX_LIST_BYTES = 131_072;
/** Bytes of a name, its NUL included. */
export const MAX_NAME_BYTES = 2048;
/** Bytes of the data of one variable. */
export const MAX_DATA_BYTES = 32_768;
