/** Lists of small integers, one a key, in two arrays: those of key k are items[start[k] … start[k + 1]]. */
export interface Lists {
  start: Int32Array;
  items: Int32Array;
}

/** Item i goes to the list of `key[i]`, in the order of i; a negative key is skipped. */
export function listsBy(key: ArrayLike<number>, keys: number, items = key.length): Lists {
  const start = new Int32Array(keys + 1);
  for (let i = 0; i < items; i++) if (key[i]! >= 0) start[key[i]! + 1]!++;
  for (let k = 0; k < keys; k++) start[k + 1]! += start[k]!;
  const fill = start.slice(0, keys);
  const sorted = new Int32Array(start[keys]!);
  for (let i = 0; i < items; i++) if (key[i]! >= 0) sorted[fill[key[i]!]!++] = i;
  return { start, items: sorted };
}
