/** A page that opens any document without Jupyter: an example, a file, what is dropped or pasted. */
import { GraphView, StaticHost } from '../src/core.js';
import { documentsIn, type Named } from './documents.js';
import { EXAMPLES } from 'examples';

function by<Type extends HTMLElement>(id: string): Type {
  return document.getElementById(id) as Type;
}

const examples = by<HTMLSelectElement>('examples');
const file = by<HTMLInputElement>('file');
const paste = by<HTMLButtonElement>('paste');
const form = by<HTMLFormElement>('text');
const source = by<HTMLTextAreaElement>('source');
const dark = by<HTMLInputElement>('dark');

let views: GraphView[] = [];

function show(found: Named[]): void {
  for (const view of views) view.dispose();
  views = found.map(each => new GraphView(by('view'), each.document, new StaticHost()));
  by('said').textContent = found.map(({ name }) => name).join(' · ');
}

function open(text: string, name: string): void {
  try {
    show(documentsIn(text, name));
  } catch (error) {
    show([]);
    by('said').textContent = error instanceof Error ? error.message : String(error);
  }
}

async function read(files: FileList | null | undefined): Promise<void> {
  const first = files?.[0];
  if (first) open(await first.text(), first.name);
}

for (const name of Object.keys(EXAMPLES)) {
  const option = document.createElement('option');
  option.textContent = name;
  examples.append(option);
}
examples.onchange = () => show([{ name: examples.value, document: EXAMPLES[examples.value] }]);
file.onchange = () => void read(file.files);
paste.onclick = () => {
  form.hidden = !form.hidden;
  paste.setAttribute('aria-expanded', String(!form.hidden));
  if (!form.hidden) source.focus();
};
form.onsubmit = event => {
  event.preventDefault();
  open(source.value, 'what was pasted');
};
dark.onchange = () => (document.body.dataset.jpThemeLight = String(!dark.checked));
document.ondragover = event => {
  event.preventDefault();
  document.body.classList.add('dropping');
};
document.ondragleave = () => document.body.classList.remove('dropping');
document.ondrop = event => {
  event.preventDefault();
  document.body.classList.remove('dropping');
  void read(event.dataTransfer?.files);
};

dark.checked = matchMedia('(prefers-color-scheme: dark)').matches;
document.body.dataset.jpThemeLight = String(!dark.checked);
const wanted = decodeURIComponent(location.hash.slice(1));
examples.value = wanted in EXAMPLES ? wanted : 'digits' in EXAMPLES ? 'digits' : Object.keys(EXAMPLES)[0]!;
examples.dispatchEvent(new Event('change'));
