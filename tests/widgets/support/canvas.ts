/** A 2D context that draws nothing and keeps what it was told, and a palette to draw with. */
import type { Palette } from '../../../widgets/src/draw/palette.js';

export interface Recorded {
  context: CanvasRenderingContext2D;
  texts: { text: string; font: string; colour: string; x: number; y: number }[];
  calls: string[];
}

export function recordingContext(): Recorded {
  const texts: Recorded['texts'] = [];
  const calls: string[] = [];
  const state: Record<string, unknown> = {
    font: '12px sans-serif',
    fillStyle: '#000',
  };
  const context = new Proxy(state, {
    get(_, name: string) {
      if (name === 'measureText')
        return (text: string) => ({
          width: text.length * Number(/([\d.]+)px/.exec(String(state.font))![1]) * 0.58,
        });
      if (name === 'fillText') {
        return (text: string, x: number, y: number) => {
          calls.push('fillText');
          texts.push({
            text,
            font: String(state.font),
            colour: String(state.fillStyle),
            x,
            y,
          });
        };
      }
      if (name in state) return state[name];
      return () => void calls.push(name);
    },
    set(_, name: string, value: unknown) {
      state[name] = value;
      return true;
    },
  });
  return {
    context: context as unknown as CanvasRenderingContext2D,
    texts,
    calls,
  };
}

/** Each colour is its own name: what is painted says which role it has. */
export const PALETTE: Palette = {
  colours: new Proxy({} as Palette['colours'], {
    get: (_, name: string) => name,
  }),
  uiFont: 'sans-serif',
  codeFont: 'monospace',
};
