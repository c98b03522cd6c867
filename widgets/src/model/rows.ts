/** Rows of large tables by id, and by what they belong to: each row is made when it is asked for. */
import type { Table } from '../document/table.js';
import { listsBy, type Lists } from '../layout/csr.js';

export class Rows<Row extends object> {
  constructor(readonly table: Table<Row>) {}

  has(id: number): boolean {
    return this.table.find(id) >= 0;
  }

  get(id: number): Row | undefined {
    const at = this.table.find(id);
    return at < 0 ? undefined : this.table.row(at);
  }

  values(): Row[] {
    return this.table.rows;
  }
}

/** Rows that name a row of another table: those of one owner in the order of the table, or of `order`. */
export class Joined<Row extends object> {
  private made: Lists | undefined;

  constructor(
    readonly table: Table<Row>,
    private readonly member: keyof Row & string,
    private readonly owners: Table,
    private readonly order?: keyof Row & string,
  ) {}

  /** Row numbers, by the owner's row number. */
  get lists(): Lists {
    return (this.made ??= this.make());
  }

  private make(): Lists {
    const owner = this.owners.findAll(this.table.numbers(this.member));
    const lists = listsBy(owner, this.owners.length);
    if (this.order) sortEach(lists, this.table.numbers(this.order));
    return lists;
  }

  has(id: number): boolean {
    const at = this.owners.find(id);
    return at >= 0 && this.lists.start[at] !== this.lists.start[at + 1];
  }

  /** undefined where there are none. */
  get(id: number): Row[] | undefined {
    if (!this.has(id)) return undefined;
    const at = this.owners.find(id);
    const { start, items } = this.lists;
    return Array.from(items.subarray(start[at], start[at + 1]), i => this.table.row(i));
  }
}

function sortEach({ start, items }: Lists, by: ArrayLike<number>): void {
  for (let k = 0; k + 1 < start.length; k++) {
    for (let i = start[k]! + 1; i < start[k + 1]!; i++) {
      if (Math.max(0, by[items[i]!]!) >= Math.max(0, by[items[i - 1]!]!)) continue;
      items
        .subarray(start[k], start[k + 1])
        .sort((a, b) => Math.max(0, by[a]!) - Math.max(0, by[b]!) || a - b);
      break;
    }
  }
}
