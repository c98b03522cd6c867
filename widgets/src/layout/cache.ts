/**
 * Remembers what was computed from numbers, for as long as it is asked for again: equal frames are laid out once, and
 * those that did not change between two pictures not at all.
 */
export class Cache<Value> {
  private known = new Map<number, Entry<Value>[]>();
  private older = new Map<number, Entry<Value>[]>();
  private key = new Float64Array(256);
  private length = 0;

  /** Begins a picture: what neither it nor the one before used is forgotten. */
  turn(): void {
    this.older = this.known;
    this.known = new Map();
  }

  begin(): void {
    this.length = 0;
  }

  add(values: ArrayLike<number>): void {
    const end = this.length + values.length + 1;
    if (end > this.key.length) {
      const grown = new Float64Array(2 * end);
      grown.set(this.key.subarray(0, this.length));
      this.key = grown;
    }
    this.key[this.length++] = values.length;
    this.key.set(values, this.length);
    this.length = end;
  }

  /** The value for the numbers added since `begin`. */
  get(make: () => Value): Value {
    const key = this.key.subarray(0, this.length);
    const hash = hashOf(key);
    const found = find(this.known.get(hash), key);
    if (found) return found.value;
    const before = find(this.older.get(hash), key);
    // `make` may use this cache.
    const entry = before ?? { key: key.slice(), value: undefined as Value };
    if (!before) entry.value = make();
    const list = this.known.get(hash);
    if (list) list.push(entry);
    else this.known.set(hash, [entry]);
    return entry.value;
  }
}

interface Entry<Value> {
  key: Float64Array;
  value: Value;
}

/** FNV-1a over the numbers' halves. */
function hashOf(key: Float64Array): number {
  const halves = new Uint32Array(key.buffer, key.byteOffset, 2 * key.length);
  let hash = 0x811c9dc5;
  for (const half of halves) hash = Math.imul(hash ^ half, 0x01000193);
  return hash;
}

function find<Value>(entries: Entry<Value>[] | undefined, key: Float64Array): Entry<Value> | undefined {
  return entries?.find(
    entry => entry.key.length === key.length && entry.key.every((n, i) => Object.is(n, key[i])),
  );
}
