/** Pairs of small numbers by number: equal pairs have the same, and so, pair by pair, have equal sequences. */
export class Pairs {
  private slots = new Int32Array(1 << 12).fill(-1);
  private first = new Int32Array(1 << 11);
  private second = new Int32Array(1 << 11);
  private size = 0;

  of(a: number, b: number): number {
    let at = this.slot(a, b);
    if (this.slots[at]! >= 0) return this.slots[at]!;
    if (this.size === this.first.length) {
      this.grow();
      at = this.slot(a, b);
    }
    this.first[this.size] = a;
    this.second[this.size] = b;
    return (this.slots[at] = this.size++);
  }

  /** Where a pair is, or would be. */
  private slot(a: number, b: number): number {
    const mask = this.slots.length - 1;
    let hash = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b);
    hash ^= hash >>> 15;
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const pair = this.slots[at]!;
      if (pair < 0 || (this.first[pair] === a && this.second[pair] === b)) return at;
    }
  }

  private grow(): void {
    const wider = (values: Int32Array): Int32Array<ArrayBuffer> => {
      const grown = new Int32Array(2 * values.length);
      grown.set(values);
      return grown;
    };
    this.first = wider(this.first);
    this.second = wider(this.second);
    this.slots = new Int32Array(2 * this.slots.length).fill(-1);
    for (let pair = 0; pair < this.size; pair++)
      this.slots[this.slot(this.first[pair]!, this.second[pair]!)] = pair;
  }
}
