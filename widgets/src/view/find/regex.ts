/**
 * Runs a regular expression over texts in a worker: a pattern like `(a+)+$` may take longer than the universe lasts,
 * and a page that waits for it can't even close the search. What takes too long is ended.
 */

/** Which texts match, or why that can't be told. */
export type Matcher = (pattern: string, texts: string[]) => Promise<boolean[] | string>;

const LIMIT = 1_000;

const SOURCE = `onmessage = ({ data }) => {
  const pattern = new RegExp(data.pattern, 'i');
  postMessage(data.texts.map(text => pattern.test(text)));
};`;

export class RegexWorker {
  private worker: Worker | undefined;
  private url = '';
  private timer: ReturnType<typeof setTimeout> | undefined;
  private settle: ((answer: boolean[] | string) => void) | undefined;

  readonly match: Matcher = (pattern, texts) => {
    this.end('');
    return new Promise(resolve => {
      this.settle = resolve;
      try {
        this.url = URL.createObjectURL(new Blob([SOURCE], { type: 'text/javascript' }));
        this.worker = new Worker(this.url);
      } catch {
        return this.end('This page lets no worker run, which regular expressions need.');
      }
      this.worker.onmessage = ({ data }: MessageEvent<boolean[]>) => this.end(data);
      this.worker.onerror = () => this.end('This page lets no worker run, which regular expressions need.');
      this.timer = setTimeout(
        () => this.end('This expression takes too long: repeat less inside of what repeats.'),
        LIMIT,
      );
      this.worker.postMessage({ pattern, texts });
    });
  };

  dispose(): void {
    this.end('');
  }

  private end(answer: boolean[] | string): void {
    clearTimeout(this.timer);
    this.worker?.terminate();
    this.worker = undefined;
    if (this.url) URL.revokeObjectURL(this.url);
    this.url = '';
    this.settle?.(answer);
    this.settle = undefined;
  }
}
