/** The page that opens any document without Jupyter. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ARTIFACTS, inkedPixels, launch, ROOT, type Browser } from './support/browser.js';
import { settled } from './support/settled.js';

const PAGE = `file://${join(ROOT, 'widgets', 'demo', 'dist', 'index.html')}`;
const GOLDEN = join(ROOT, 'tests', 'golden');

let browser: Browser;

beforeAll(async () => {
  const { status } = spawnSync(process.execPath, ['scripts/demo.mjs', '--build-only'], {
    cwd: join(ROOT, 'widgets'),
  });
  expect(status).toBe(0);
  browser = await launch(1100, 800);
});

afterAll(() => browser?.close());

const said = (): Promise<string | null> => browser.page.locator('#said').textContent();

describe('the demo', () => {
  it('shows each golden document', async () => {
    const { page } = browser;
    await page.goto(PAGE);
    const names = await page.locator('#examples option').allTextContents();
    expect(names).toEqual(expect.arrayContaining(['digits', 'columnar', 'exception']));
    for (const name of names) {
      await page.selectOption('#examples', name);
      await expect.poll(said).toBe(name);
      await settled(page);
      expect(await inkedPixels(page, '#view')).toBeGreaterThan(500);
    }
    expect(browser.errors).toEqual([]);
  });

  it('opens a file, and the graphs of a notebook', async () => {
    const { page } = browser;
    await page.setInputFiles('#file', join(GOLDEN, 'inplace.json'));
    await expect.poll(said).toBe('inplace.json');
    await settled(page);
    const output = { data: { 'application/vnd.tapescope.graph.v1+json': JSON.parse(readFileSync(join(GOLDEN, 'small.json'), 'utf8')) } };
    const notebook = { nbformat: 4, cells: [{ outputs: [output], execution_count: 3 }, { outputs: [output], execution_count: 4 }] };
    await page.setInputFiles('#file', { name: 'a.ipynb', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(notebook)) });
    await expect.poll(said).toBe('a.ipynb, cell 3 · a.ipynb, cell 4');
    await settled(page);
    expect(await page.locator('.ts-view').count()).toBe(2);
  }); // prettier-ignore

  it('opens what is dropped and what is pasted, and says what is wrong with it', async () => {
    const { page } = browser;
    await page.evaluate(text => {
      const data = new DataTransfer();
      data.items.add(new File([text], 'dropped.json'));
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
    }, readFileSync(join(GOLDEN, 'exception.json'), 'utf8'));
    await expect.poll(said).toBe('dropped.json');
    await settled(page);
    await page.click('#paste');
    await page.fill('#source', '{"version": ');
    await page.click('#text button');
    expect(await said()).toContain('what was pasted is not JSON');
    await page.fill('#source', '{"version": "1.0", "generator": "x", "nodes": 3, "edges": []}');
    await page.click('#text button');
    expect(await page.locator('.ts-view [role=alert]').textContent()).toContain('nodes has to be a list');
    expect(browser.errors).toEqual([]);
  }); // prettier-ignore

  it('turns dark and light', async () => {
    const { page } = browser;
    await page.goto(`${PAGE}#digits`);
    await page.check('#dark');
    await settled(page);
    await page.screenshot({ path: join(ARTIFACTS, 'demo-dark.png') });
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe(
      'rgb(17, 17, 17)',
    );
    await page.uncheck('#dark');
    await settled(page);
    await page.screenshot({ path: join(ARTIFACTS, 'demo-light.png') });
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe(
      'rgb(255, 255, 255)',
    );
  });
});
