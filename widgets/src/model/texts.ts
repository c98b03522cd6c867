/** Texts by number: equal texts have the same. */
export class Texts {
  readonly all: string[] = [];
  private readonly known = new Map<string, number>();

  of(text: string): number {
    let code = this.known.get(text);
    if (code === undefined) this.known.set(text, (code = this.all.push(text) - 1));
    return code;
  }
}
