// journey.mjs <setting.json>: an operator's way through the dashboard of mcpgate-http, in Debian's Chromium.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {finish, report, setting} from '../typescript/report.mjs';
import {Visitor} from './browser.mjs';

const secretOf = (file) => readFileSync(file, 'utf8').trim();
const visitor = await Visitor.arrive(setting.origin, setting);
const {page} = visitor;

/** One step; whatever the page complained about meanwhile is a failure of it. */
function step(name, body) {
  return report(name, async () => {
    await body();
    visitor.checkFaults();
  });
}

const goTo = (name) => page.getByRole('navigation').getByRole('link', {name}).click();
const heading = (name) => page.getByRole('heading', {name, level: 1}).waitFor();
const dialog = () => page.getByRole('dialog');

await step('a stranger is asked for a key, and nothing else is shown', async () => {
  await page.goto('/');
  await heading('Log in');
  await visitor.inspect('login');
});

await step('a wrong key is refused in the words of the service', async () => {
  visitor.expect('401');
  await page.getByLabel('API key').fill('mcpg_k_nonsense');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('(401)').waitFor();
});

await step('the operator logs in, and the session is out of reach for scripts', async () => {
  await page.getByLabel('API key').fill(secretOf(setting.operator));
  await page.keyboard.press('Enter');
  await heading('Keys');
  const [cookie] = await visitor.context.cookies();
  assert.equal(cookie.httpOnly, true);
  assert.equal(cookie.sameSite, 'Strict');
  assert.equal(await page.evaluate(() => document.cookie), '');
});

await step('a reload goes on with the same session', async () => {
  await page.reload();
  await heading('Keys');
});

let token = '';
await step('a key is made, and its secret is shown once', async () => {
  await page.getByRole('button', {name: 'New key'}).first().click();
  await dialog().getByLabel('Name', {exact: false}).first().fill('agent');
  await dialog().getByLabel('Resources').fill('discord:channel:*');
  await visitor.inspect('key-new-dialog');
  await dialog().getByRole('button', {name: 'Make the key'}).click();
  token = await page.locator('#token').textContent();
  assert.match(token, /^mcpg_k_/);
  await page.keyboard.press('Escape');
  assert.ok(await page.locator('#token').isVisible(), 'the secret does not vanish by accident');
  await dialog().getByRole('button', {name: 'I have stored it'}).click();
  await page.getByRole('link', {name: 'agent'}).waitFor();
  assert.ok(!(await page.content()).includes(token));
  await visitor.inspect('keys');
});

await step('logging out ends the session', async () => {
  const cookies = await visitor.context.cookies();
  await page.getByRole('button', {name: 'Log out'}).click();
  await page.getByText('You have logged out.').waitFor();
  assert.deepEqual(await visitor.context.cookies(), []);
  const answer = await fetch(new URL('/v1/whoami', setting.origin), {headers: {Cookie: `mcpgate=${cookies[0].value}`}});
  assert.equal(answer.status, 401);
});

await visitor.leave();
finish();
