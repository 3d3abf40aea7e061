// journey.mjs <setting.json>: an operator's way through the dashboard of mcpgate-http, in Debian's Chromium.
import assert from 'node:assert/strict';
import {appendFileSync, existsSync, readFileSync} from 'node:fs';
import {finish, report, setting} from '../typescript/report.mjs';
import {Visitor} from './browser.mjs';

const visitor = await Visitor.arrive(setting.origin, setting);
const {page} = visitor;

let isLost = false;

/** One step; whatever the page complained about meanwhile is a failure of it. After one that broke off none can go on. */
function step(name, body) {
  return report(name, async () => {
    assert.ok(!isLost, 'not reached');
    isLost = true;
    await body().catch(async (error) => {
      await visitor.shoot('lost');
      throw error;
    });
    isLost = false;
    visitor.checkFaults();
  });
}

/** A call by MCP, past the browser. Answers the status. */
async function call(key, tool, args = {}) {
  const meta = {'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'io.modelcontextprotocol/clientInfo': {name: 'e2e', version: '1'},
    'io.modelcontextprotocol/clientCapabilities': {}};
  const answer = await fetch(setting.url, {method: 'POST', headers: {Authorization: `Bearer ${key}`, 'Content-Type': 'application/json',
    Accept: 'application/json, text/event-stream', 'MCP-Protocol-Version': '2026-07-28', 'Mcp-Method': 'tools/call', 'Mcp-Name': tool},
    body: JSON.stringify({jsonrpc: '2.0', id: 1, method: 'tools/call', params: {name: tool, arguments: args, _meta: meta}})});
  await answer.text();
  return answer.status;
}

async function logIn(key, first = 'Keys') {
  await page.getByLabel('API key').fill(key);
  await page.keyboard.press('Enter');
  await heading(first);
}

/** The token that is shown, once; kept for the search for secrets. */
async function shownToken() {
  const shown = await page.locator('#token').textContent();
  appendFileSync(setting.made, `${shown}\n`);
  return shown;
}

const row = (text) => page.getByRole('row').filter({hasText: text});
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

let operator = '';
await step('the token of an empty server makes the operator’s key, which is shown once, and is spent', async () => {
  await page.getByLabel('API key').fill(readFileSync(setting.bootstrap, 'utf8').trim());
  await page.keyboard.press('Enter');
  operator = await shownToken();
  await visitor.shoot('bootstrap-dialog');
  await dialog().getByRole('button', {name: 'I have stored it'}).click();
  await heading('Keys');
  assert.equal(existsSync(setting.bootstrap), false);
  await page.getByRole('button', {name: 'Log out'}).click();
});

await step('the operator logs in, and the session is out of reach for scripts', async () => {
  await logIn(operator);
  const [cookie] = await visitor.context.cookies();
  assert.equal(cookie.httpOnly, true);
  assert.equal(cookie.sameSite, 'Strict');
  assert.equal(await page.evaluate(() => document.cookie), '');
});

await step('a reload goes on with the same session', async () => {
  await page.reload();
  await heading('Keys');
});

let reader = '';
let token = '';
await step('a key is made, and its secret is shown once', async () => {
  await page.getByRole('button', {name: 'New key'}).first().click();
  await dialog().getByLabel('Name', {exact: true}).fill('agent');
  await dialog().getByLabel('Resources').fill('discord:channel:*');
  await visitor.inspect('key-new-dialog');
  await dialog().getByRole('button', {name: 'Make the key'}).click();
  token = await shownToken();
  assert.match(token, /^mcpg_k_/);
  await page.keyboard.press('Escape');
  assert.ok(await page.locator('#token').isVisible(), 'the secret does not vanish by accident');
  await dialog().getByRole('button', {name: 'I have stored it'}).click();
  await page.getByRole('link', {name: 'agent'}).waitFor();
  assert.ok(!(await page.content()).includes(token));
  await visitor.inspect('keys');
});

await step('a key made past the dashboard is found there', async () => {
  const answer = await fetch(new URL('/v1/admin/api-keys', setting.origin), {method: 'POST',
    headers: {Authorization: `Bearer ${operator}`, 'Content-Type': 'application/json'}, body: JSON.stringify({name: 'reader'})});
  reader = (await answer.json()).token;
  await page.getByLabel('Search').fill('read');
  await row('reader').waitFor();
  await row('agent').waitFor({state: 'detached'});
});

await step('a call that is let pass and one that is refused are seen while they happen', async () => {
  await goTo('Live calls');
  await page.getByText('live', {exact: true}).waitFor();
  // The page's own requests before this one may be told yet; they are no calls.
  await page.getByText(/Waiting for calls|Nothing that fits/).waitFor();
  await visitor.inspect('live-empty');
  assert.equal(await call(token, 'check_server_status'), 200);
  assert.equal(await call(token, 'discord_send_message', {channel_id: '1', content: 'no'}), 403);
  await row('check_server_status').getByText('ok', {exact: true}).waitFor();
  await row('discord_send_message').getByText('deny', {exact: true}).waitFor();
  await page.getByRole('button', {name: 'discord_send_message'}).click();
  await page.getByText('"outcome": "deny"').waitFor();
  await visitor.inspect('live');
});

await step('the live view can be held, filtered and let go on', async () => {
  await page.getByRole('button', {name: 'Pause'}).click();
  assert.equal(await call(token, 'discord_list_channels'), 200);
  await page.getByRole('button', {name: 'Go on (1 new)'}).waitFor();
  assert.equal(await row('discord_list_channels').count(), 0);
  await page.getByRole('button', {name: 'Go on'}).click();
  await row('discord_list_channels').waitFor();
  await page.getByLabel('Show').selectOption('refused');
  assert.equal(await page.getByRole('row').count(), 2, 'the heading and one refusal');
  await page.getByLabel('Show').selectOption('calls');
  await page.getByLabel('Filter').fill('server_status');
  assert.equal(await page.getByRole('row').count(), 2, 'the heading and one call');
});

await step('records that went by unseen are told', async () => {
  await page.route('**/v1/admin/audit/stream', (route) => route.fulfill({contentType: 'text/event-stream',
    body: 'id: 9\nevent: gap\ndata: {"from":3,"to":9}\n\n'}));
  await page.reload();
  await page.getByText('Records 3 to 9 went by unseen').first().waitFor();
  await page.unrouteAll();
});

await step('the refusal stands among the refusals, with its reason', async () => {
  await goTo('Refusals');
  await heading('Refusals');
  await row('discord_send_message').first().waitFor();
  await visitor.inspect('refusals');
});

let rotated = '';
await step('a key is rotated: both secrets work until the rotation is finished', async () => {
  await goTo('Keys');
  await page.getByRole('link', {name: 'agent'}).click();
  await heading('agent');
  await page.getByRole('button', {name: 'Rotate'}).click();
  await dialog().getByRole('button', {name: 'Rotate'}).click();
  rotated = await shownToken();
  await visitor.shoot('token-dialog');
  await dialog().getByRole('button', {name: 'I have stored it'}).click();
  assert.equal(await call(token, 'check_server_status'), 200);
  assert.equal(await call(rotated, 'check_server_status'), 200);
  await page.getByText('A rotation is under way').waitFor();
  await visitor.inspect('key');
  await page.getByRole('button', {name: 'Finish rotation'}).click();
  await dialog().getByRole('button', {name: 'Finish rotation'}).click();
  await page.getByText('The old secret has ended.').waitFor();
  assert.equal(await call(token, 'check_server_status'), 401);
  assert.equal(await call(rotated, 'check_server_status'), 200);
});

await step('a key is disabled, enabled, and revoked for good', async () => {
  await page.goto(`/#/keys/${rotated.split('_')[2]}`);
  for (const [name, status] of [['Disable', 401], ['Enable', 200], ['Revoke', 401]]) {
    await page.getByRole('button', {name}).click();
    if (name === 'Revoke') await visitor.inspect('revoke-dialog');
    await dialog().getByRole('button', {name}).click();
    await dialog().waitFor({state: 'detached'});
    assert.equal(await call(rotated, 'check_server_status'), status);
  }
  await page.getByRole('definition').getByText('revoked', {exact: true}).waitFor();
});

await step('the trail is searched, and its pages are turned', async () => {
  await goTo('Audit search');
  await heading('Audit search');
  await visitor.inspect('audit');
  await page.getByLabel('Action').fill('admin.keys.*');
  await page.getByLabel('Outcome').selectOption('ok');
  await page.keyboard.press('Enter');
  await row('check_server_status').first().waitFor({state: 'detached'});
  await row('admin.keys.revoke').first().waitFor();
  await page.getByLabel('Action').fill('');
  await page.getByLabel('Outcome').selectOption('any');
  await page.getByRole('button', {name: 'Search'}).click();
  await page.getByRole('button', {name: 'Older'}).click();
  await page.getByRole('button', {name: 'Newer'}).click();
  await page.getByLabel('Any text').fill('no such thing anywhere');
  await page.getByRole('button', {name: 'Search'}).click();
  await page.getByText('No record fits').waitFor();
  await page.getByRole('button', {name: 'Verify the chain'}).click();
  await page.getByText('intact', {exact: true}).waitFor();
});

await step('a malformed search is refused in the words of the service', async () => {
  visitor.expect('400');
  await page.getByLabel('Key id').fill('x'.repeat(100));
  await page.getByRole('button', {name: 'Search'}).click();
  await page.getByRole('alert').getByText('?key').waitFor();
  await visitor.inspect('problem');
});

await step('a session is made with what to paste into a client, and ended', async () => {
  await goTo('Sessions');
  await page.getByRole('button', {name: 'New session'}).click();
  await dialog().getByLabel('Name').fill('claude-on-laptop');
  await visitor.inspect('session-new-dialog');
  await dialog().getByRole('button', {name: 'Make the session'}).click();
  const session = await shownToken();
  assert.match(session, /^mcpg_s_/);
  await dialog().getByRole('tab', {name: 'JSON'}).click();
  const config = JSON.parse(await dialog().getByRole('tabpanel').locator('pre').textContent());
  assert.deepEqual(config.mcpServers.mcpgate, {type: 'http', url: setting.url, headers: {Authorization: `Bearer ${session}`}});
  await visitor.inspect('snippet-dialog');
  await dialog().getByRole('tab', {name: 'JSON'}).press('ArrowRight');
  await dialog().getByRole('tab', {name: 'Claude Desktop', selected: true}).waitFor();
  await dialog().getByRole('button', {name: 'I have stored it'}).click();
  assert.equal(await call(session, 'check_server_status'), 200);
  await row('claude-on-laptop').waitFor();
  await visitor.inspect('sessions');
  await row('claude-on-laptop').getByRole('button', {name: 'End'}).click();
  await dialog().getByRole('button', {name: 'End the session'}).click();
  await page.getByText('The session has ended.').waitFor();
  assert.equal(await call(session, 'check_server_status'), 401);
});

await step('limits are shown with what is used of them', async () => {
  await goTo('Limits in use');
  await heading('Limits in use');
  await page.getByRole('heading', {name: 'per-key'}).waitFor();
  await page.getByRole('row').filter({hasText: 'posting'}).waitFor();
  await page.getByLabel('Key id').fill(rotated.split('_')[2]);
  await page.getByLabel('Tool').fill('check_server_status');
  await page.getByRole('button', {name: 'Show'}).click();
  await page.getByRole('heading', {name: 'per-tool'}).waitFor();
  await visitor.inspect('limits');
});

let tenantKey = '';
await step('a tenant and a principal are made, and a key of theirs', async () => {
  await goTo('Tenants and people');
  await heading('Tenants and people');
  await page.getByRole('button', {name: 'New tenant'}).click();
  await dialog().getByLabel('Id').fill('acme');
  await dialog().getByLabel('Name').fill('Acme Incorporated');
  await dialog().getByRole('button', {name: 'Make it'}).click();
  await row('Acme Incorporated').waitFor();
  await page.getByRole('button', {name: 'New principal'}).click();
  await dialog().getByLabel('Id').fill('ann');
  await dialog().getByLabel('Tenant').fill('acme');
  await dialog().getByLabel('Known elsewhere as').fill('discord:80351110224678912');
  await visitor.inspect('principal-new-dialog');
  await dialog().getByRole('button', {name: 'Make it'}).click();
  await row('discord:80351110224678912').waitFor();
  await visitor.inspect('people');
  await goTo('Keys');
  await page.getByRole('button', {name: 'New key'}).first().click();
  await dialog().getByLabel('Name', {exact: true}).fill('acme-admin');
  await dialog().getByLabel('Tenant').fill('acme');
  await dialog().getByLabel('Owner').fill('ann');
  await dialog().getByLabel('Role', {exact: true}).selectOption('admin');
  await dialog().getByRole('button', {name: 'Make the key'}).click();
  tenantKey = await shownToken();
  await dialog().getByRole('button', {name: 'I have stored it'}).click();
  await row('acme-admin').waitFor();
});

await step('logging out ends the session', async () => {
  const cookies = await visitor.context.cookies();
  await page.getByRole('button', {name: 'Log out'}).click();
  await page.getByText('You have logged out.').waitFor();
  assert.deepEqual(await visitor.context.cookies(), []);
  const answer = await fetch(new URL('/v1/whoami', setting.origin), {headers: {Cookie: `mcpgate=${cookies[0].value}`}});
  assert.equal(answer.status, 401);
});

await step('a tenant’s administrator sees that tenant alone', async () => {
  await logIn(tenantKey);
  await row('acme-admin').waitFor();
  assert.equal(await row('operator').count(), 0);
  await goTo('Refusals');
  await page.getByText('Nothing was refused').waitFor();
  await goTo('Tenants and people');
  await row('Acme Incorporated').waitFor();
  assert.equal(await page.getByRole('button', {name: 'New tenant'}).count(), 0);
  await visitor.inspect('people-of-tenant');
  await page.getByRole('button', {name: 'Log out'}).click();
});

await step('a reader sees their own limits and sessions, and nothing of others', async () => {
  await logIn(reader, 'Limits in use');
  assert.deepEqual(await page.getByRole('navigation').getByRole('link').allTextContents(), ['Limits in use', 'Sessions']);
  await visitor.inspect('limits-of-reader');
  await goTo('Sessions');
  await visitor.inspect('sessions-of-reader');
});

await step('light and dark are a choice that stays', async () => {
  await page.emulateMedia({colorScheme: 'light'});
  await page.getByRole('button', {name: 'Light or dark'}).click();
  await page.reload();
  await heading('Sessions');
  assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme), 'dark');
});

await step('everything is reached by keyboard', async () => {
  await page.getByRole('link', {name: 'To the page'}).focus();
  await page.keyboard.press('Tab');  // the mark
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await heading('Limits in use');
  await page.waitForFunction(() => document.activeElement.tagName === 'H1');
});

await visitor.leave();
finish();
