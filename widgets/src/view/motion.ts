/** Runs something over a stretch of time, frame by frame, and at once for people who want no motion. */

/** Milliseconds: what changes in place, and a way through the picture. */
export const DURATION = { relayout: 220, travel: 280 } as const;

export function wantsMotion(): boolean {
  return !matchMedia('(prefers-reduced-motion: reduce)').matches;
}

export class Motion {
  private frame = 0;
  private last: ((t: number) => void) | undefined;

  get running(): boolean {
    return this.last !== undefined;
  }

  /** Calls `step` with values from 0 to 1, the last of them 1. */
  start(duration: number, step: (t: number) => void): void {
    this.finish();
    if (!wantsMotion()) return step(1);
    this.last = step;
    const begin = performance.now();
    const run = (now: number): void => {
      const t = Math.min(1, Math.max(0, (now - begin) / duration));
      if (t >= 1) return this.finish();
      step(1 - (1 - t) ** 3);
      this.frame = requestAnimationFrame(run);
    };
    this.frame = requestAnimationFrame(run);
  }

  /** Goes to the end at once. */
  finish(): void {
    cancelAnimationFrame(this.frame);
    const last = this.last;
    this.last = undefined;
    last?.(1);
  }

  /** Stays where it is. */
  stop(): void {
    cancelAnimationFrame(this.frame);
    this.last = undefined;
  }
}
