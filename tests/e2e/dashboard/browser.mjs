// Debian's Chromium with one page of the dashboard, and what must hold on every page.
import assert from 'node:assert/strict';
import {mkdirSync} from 'node:fs';
import {join} from 'node:path';
import axe from 'axe-core';
import {chromium} from 'playwright-core';

const WIDE = {width: 1280, height: 860};
const NARROW = {width: 360, height: 780};

export class Visitor {
  static async arrive(origin, {program, shots}) {
    const browser = await chromium.launch({executablePath: program, args: ['--no-sandbox', '--disable-dev-shm-usage']});
    const context = await browser.newContext({baseURL: origin, viewport: WIDE, permissions: ['clipboard-read', 'clipboard-write']});
    context.setDefaultTimeout(20_000);
    return new Visitor(browser, context, await context.newPage(), shots);
  }

  constructor(browser, context, page, shots) {
    Object.assign(this, {browser, context, page, shots, faults: [], expected: []});
    mkdirSync(shots, {recursive: true});
    page.on('console', (message) => message.type() === 'error' && this.note(message.text()));
    page.on('pageerror', (error) => this.note(`error: ${error.message}`));
    page.on('request', (request) => {
      if (!request.url().startsWith(new URL(context._options.baseURL).origin) && !request.url().startsWith('data:')) {
        this.note(`asks another server: ${request.url()}`);
      }
    });
    page.addInitScript(() => document.addEventListener('securitypolicyviolation', (event) =>
      console.error(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`)));
  }

  note(text) {
    const at = this.expected.findIndex((each) => text.includes(each));
    if (at >= 0) this.expected.splice(at, 1);
    else this.faults.push(text);
  }

  /** The next fault with this text is wanted: Chromium reports every refused request as one. */
  expect(text) {
    this.expected.push(text);
  }

  checkFaults() {
    const faults = this.faults.splice(0);
    assert.deepEqual(faults, []);
    assert.deepEqual(this.expected.splice(0), [], 'a refusal that was expected did not come');
  }

  /** A shot in light, dark and narrow. What axe finds in both, or is wider than the window, is a fault. */
  async inspect(name) {
    const serious = [];
    for (const colorScheme of ['light', 'dark']) {
      await this.page.emulateMedia({colorScheme, reducedMotion: 'reduce'});
      await this.shoot(`${name}-${colorScheme}`);
      serious.push(...await this.#axe(colorScheme));
    }
    await this.page.setViewportSize(NARROW);
    await this.shoot(`${name}-narrow`);
    const tooWide = await this.page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth ? [] :
      [...document.querySelectorAll('body *')].filter((each) => each.getBoundingClientRect().right > window.innerWidth + 1 &&
        !each.closest('thead')).map((each) => `too wide at ${window.innerWidth} px: ${each.outerHTML.slice(0, 80)}`));
    await this.page.setViewportSize(WIDE);
    await this.page.emulateMedia({colorScheme: 'light'});
    this.faults.push(...[...serious, ...tooWide].map((each) => `${name}: ${each}`));
  }

  shoot(name) {
    return this.page.screenshot({path: join(this.shots, `${name}.png`), fullPage: !name.includes('dialog')});
  }

  async #axe(colorScheme) {
    await this.page.evaluate(axe.source);
    const {violations} = await this.page.evaluate(() => window.axe.run(document, {resultTypes: ['violations']}));
    return violations.filter((each) => ['serious', 'critical'].includes(each.impact))
      .map((each) => `${colorScheme}: ${each.id} at ${each.nodes.map((node) => node.target).join(', ')}: ${each.nodes[0].failureSummary}`);
  }

  leave() {
    return this.browser.close();
  }
}
