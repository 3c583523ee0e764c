/** Messages and everything below them stand in one column. */
export const COLUMN_CLASS = "mx-auto w-full max-w-4xl px-3 wide:px-6";
