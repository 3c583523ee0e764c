/** `values` in rows of at most `size`, in order. */
export function* inPortions<Value>(values: readonly Value[], size: number): Generator<Value[]> {
  for (let start = 0; start < values.length; start += size) yield values.slice(start, start + size);
}

/** `work` for every value, at most `width` at the same time; results in the order of the values. */
export async function mapSideBySide<Value, Made>(
  values: readonly Value[],
  width: number,
  work: (value: Value) => Promise<Made>,
): Promise<Made[]> {
  const made: Made[] = [];
  for (const portion of inPortions(values, width)) made.push(...(await Promise.all(portion.map(work))));
  return made;
}
