// Puts install.json beside the built extension: JupyterLab's extension manager reads from it who installed it.
import { copyFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
await copyFile(join(root, 'install.json'), join(root, 'labextension', 'install.json'));
