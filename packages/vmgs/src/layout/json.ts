/** A value that `JSON.stringify` keeps as it is. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
