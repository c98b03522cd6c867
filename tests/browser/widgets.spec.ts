/** Widgets of other libraries with our kernel: they move it, and it moves them. */
import { describe, expect, it } from 'vitest';
import { evaluate, goTo, openNotebook, runCell, showing, shown, writeNotebook } from './support/lab.js';
import { labSuite } from './support/suite.js';

const NOTEBOOK = 'widgets.ipynb';

const SLIDER = `import ipywidgets as w
slider = w.IntSlider(value=3, max=10, description="n")
w.interact(lambda n: print("square", n * n), n=slider);`;

const OUTPUT = `out = w.Output()
with out:
    print("caught by the widget")
out`;

const LATER = 'with out:\n    print("and later")';

const PROGRESS = `bar = w.IntProgress(max=5)
part = w.FloatProgress(max=1.0)
label = w.Label()
display(bar, part, label)
for i in range(5):
    bar.value += 1
    part.value = bar.value / 10
    label.value = f"step {bar.value} of 5"`;

const TQDM = `from tqdm.notebook import tqdm
total = 0
for i in tqdm(range(20), desc="steps"):
    total += i
total`;

const ANYWIDGET = `import anywidget, traitlets

class Counter(anywidget.AnyWidget):
    _esm = """
    function render({ model, el }) {
      const button = document.createElement("button");
      button.className = "counter-of-ours";
      const write = () => { button.textContent = "clicked " + model.get("value") + " times"; };
      button.onclick = () => { model.set("value", model.get("value") + 1); model.save_changes(); };
      model.on("change:value", write);
      write();
      el.appendChild(button);
    }
    export default { render };
    """
    value = traitlets.Int(0).tag(sync=True)

counter = Counter()
counter`;

const suite = labSuite(1100, 900, async (page, lab) => {
  writeNotebook(lab, NOTEBOOK, [SLIDER, OUTPUT, PROGRESS, TQDM, ANYWIDGET, LATER]);
  await openNotebook(page, lab, NOTEBOOK, true);
});

const { shot } = suite;

describe('ipywidgets', () => {
  it('a slider that is moved runs its function in the kernel', async () => {
    const { page } = suite.browser;
    await runCell(page, 0);
    await showing(page, 0, 'square 9');
    const handle = page.locator('.noUi-handle').first();
    await handle.focus();
    await page.keyboard.press('ArrowRight');
    await showing(page, 0, 'square 16');
    await page.keyboard.press('End');
    await showing(page, 0, 'square 100');
    expect(await evaluate(page, '', 'slider.value')).toBe(10);
    await shot('widgets-slider');
  });

  it('a slider that the kernel moves is moved on the page', async () => {
    const { page } = suite.browser;
    await evaluate(page, 'slider.value = 2', 'slider.value');
    await showing(page, 0, 'square 4');
    expect(await page.locator('.noUi-handle').first().getAttribute('aria-valuenow')).toBe('2.0');
  });

  it('an Output widget catches what is printed in it', async () => {
    const { page } = suite.browser;
    await runCell(page, 1);
    await showing(page, 1, 'caught by the widget');
    const box = page.locator('.widget-output').last();
    expect((await box.textContent())!.trim()).toBe('caught by the widget');
    await runCell(page, 5);
    await box.getByText('and later').waitFor();
    expect((await shown(page, 5)).trim()).toBe('');
  });

  it('a progress bar follows a loop', async () => {
    const { page } = suite.browser;
    await runCell(page, 2);
    await showing(page, 2, 'step 5 of 5');
    const widths = await page
      .locator('.progress-bar')
      .evaluateAll(bars => bars.map(bar => (bar as HTMLElement).style.width));
    expect(widths).toEqual(['100%', '50%']);
  });

  it('tqdm.notebook reaches its end', async () => {
    const { page } = suite.browser;
    await runCell(page, 3);
    await showing(page, 3, '20/20');
    await showing(page, 3, '100%');
    expect(await shown(page, 3)).toContain('190');
    await goTo(page, 1);
    await shot('widgets-progress');
  });
});

describe('anywidget', () => {
  it('counts clicks in Python', async () => {
    const { page } = suite.browser;
    await runCell(page, 4);
    const button = page.locator('.counter-of-ours');
    await button.waitFor({ timeout: 30_000 });
    await button.click();
    await button.click();
    await showing(page, 4, 'clicked 2 times');
    expect(await evaluate(page, '', 'counter.value')).toBe(2);
    await evaluate(page, 'counter.value = 7', 'counter.value');
    await showing(page, 4, 'clicked 7 times');
    await shot('widgets-anywidget');
    expect(suite.browser.errors).toEqual([]);
  });
});
