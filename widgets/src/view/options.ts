/** What the menu of a view offers. */
import type { Extent, Format } from './export.js';
import type { Command } from './keys.js';
import type { MenuItem } from './menu.js';

export interface Options {
  hasGroups: boolean;
  allOpen: boolean;
  outline: boolean;
  legend: boolean;
  /** Whether it has the whole screen; undefined: it may not. */
  whole: boolean | undefined;
  save(format: Format, extent: Extent): void;
  run(command: Command): void;
}

export function menuOf({ hasGroups, allOpen, outline, legend, whole, save, run }: Options): MenuItem[] {
  const saves = (format: Format, extent: Extent, label: string): MenuItem => ({
    label,
    act: () => save(format, extent),
  });
  const groups: MenuItem = {
    label: allOpen ? 'Close all groups' : 'Open all groups',
    key: '⇧E',
    begins: true,
    act: () => run('openAll'),
  };
  return [
    saves('svg', 'view', 'Save this view as SVG'),
    saves('png', 'view', 'Save this view as PNG'),
    saves('svg', 'all', 'Save all as SVG'),
    saves('png', 'all', 'Save all as PNG'),
    ...(hasGroups ? [groups] : []),
    { label: 'Outline', key: '⇧O', on: outline, begins: !hasGroups, act: () => run('outline') },
    { label: 'Legend', key: '⇧L', on: legend, act: () => run('legend') },
    ...(whole === undefined
      ? []
      : [{ label: 'Whole screen', key: '⇧W', on: whole, act: () => run('whole') }]),
    { label: 'Keys', key: '?', act: () => run('keys') },
  ];
}
