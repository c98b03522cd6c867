/** Makes what has no shape of its own, or changes the direction of what follows, visible: text is shown, not obeyed. */
export function visible(text: string): string {
  // C0 and C1 controls, soft hyphen, zero-width marks, bidirectional embeddings, isolates and overrides, line separators.
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    c => {
      if (c === '\t') return '    ';
      const code = c.codePointAt(0)!;
      if (code < 0x20) return String.fromCodePoint(0x2400 + code); // the control's own picture: ␀ … ␟
      return `⟨${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
    },
  );
}

/** The first `length` characters, with an ellipsis where something was cut. */
export function shorten(text: string, length: number): string {
  const characters = Array.from(text);
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`;
}
