// watch.mjs <setting.json>: the trail as it grows, over Node's own WebSocket.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {request} from 'node:http';
import {finish, report, setting} from './typescript/report.mjs';

const keyOf = (file) => readFileSync(file, 'utf8').trim();
const first = keyOf(setting.first);
const acme = keyOf(setting.acme);
const socketUrl = setting.origin.replace(/^http/, 'ws');

async function ask(key, path, method = 'GET', body = undefined) {
  const headers = {Authorization: `Bearer ${key}`, ...(body && {'Content-Type': 'application/json'})};
  const answer = await fetch(setting.origin + path, {method, headers, body: body && JSON.stringify(body)});
  return {status: answer.status, body: answer.status === 204 ? null : await answer.json()};
}

const ticketOf = async (key) => (await ask(key, '/v1/admin/audit/tickets', 'POST')).body.ticket;

/** Messages of one socket, and waits for them. */
class Watcher {
  messages = [];
  constructor(path) {
    this.socket = new WebSocket(socketUrl + path);
    this.opened = new Promise((resolve, reject) => {
      this.socket.addEventListener('open', resolve);
      this.socket.addEventListener('error', () => reject(new Error('it was refused')));
    });
    this.closed = new Promise((resolve) => this.socket.addEventListener('close', resolve));
    this.socket.addEventListener('message', ({data}) => {
      this.messages.push(JSON.parse(data));
      this.wake?.();
    });
  }
  static async over(key, query = '', path = '/inspector/ws') {
    const watcher = new Watcher(`${path}?ticket=${await ticketOf(key)}${query}`);
    await watcher.opened;
    return watcher;
  }
  async until(fits) {
    const deadline = Date.now() + 20_000;
    while (!this.messages.some(fits)) {
      assert(Date.now() < deadline, 'no such message');
      await Promise.race([new Promise((resolve) => { this.wake = resolve; }),
        new Promise((resolve) => setTimeout(resolve, 1000))]);
    }
    return this.messages.find(fits);
  }
  close() {
    this.socket.close();
    return this.closed;
  }
}

const isOf = (action, tenant) => ({record}) => record?.action === action && (!tenant || record.tenant === tenant);

await report('a call is seen by one who watches, with its number', async () => {
  const watcher = await Watcher.over(first);
  await ask(first, '/v1/whoami');
  const seen = await watcher.until(isOf('self.show'));
  assert.equal(seen.type, 'record');
  assert(Number.isInteger(seen.seq));
  assert.equal((await watcher.close()).wasClean, true);
});

await report('an administrator sees the calls of their own tenant alone', async () => {
  const watcher = await Watcher.over(acme, '&after=0');
  const all = await Watcher.over(first, '&after=0');
  await ask(first, '/v1/whoami');
  await ask(acme, '/v1/whoami');
  await watcher.until(isOf('self.show', 'acme'));
  await all.until(isOf('self.show', 'acme'));
  assert(all.messages.some(isOf('self.show', 'default')));
  assert(watcher.messages.every(({record}) => record.tenant === 'acme'));
  await Promise.all([watcher.close(), all.close()]);
});

await report('one who comes back with the last number gets what came after it, once', async () => {
  const before = await Watcher.over(first, '&after=0');
  await ask(first, '/v1/whoami');
  const {seq} = await before.until(isOf('self.show'));
  await before.close();
  const after = await Watcher.over(first, `&after=${seq}`, '/v1/admin/audit/ws');
  await ask(first, '/v1/whoami');
  await after.until(isOf('self.show'));
  const numbers = after.messages.map((message) => message.seq);
  assert(numbers.every((number, i) => number > (i ? numbers[i - 1] : seq)));
  await after.close();
});

await report('a ticket is good once, and a key in the address for nothing', async () => {
  const ticket = await ticketOf(first);
  const watcher = new Watcher(`/inspector/ws?ticket=${ticket}`);
  await watcher.opened;
  await assert.rejects(new Watcher(`/inspector/ws?ticket=${ticket}`).opened);
  await assert.rejects(new Watcher(`/inspector/ws?ticket=${first}`).opened);
  await assert.rejects(new Watcher('/inspector/ws').opened);
  await watcher.close();
});

const handshake = (fields) => new Promise((resolve, reject) => {
  const asked = request(setting.origin + '/inspector/ws', {
    headers: {Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==', ...fields},
  });
  asked.on('upgrade', (answer, socket) => { socket.destroy(); resolve(answer); });
  asked.on('response', (answer) => { answer.resume(); resolve(answer); });
  asked.on('error', reject);
  asked.end();
});

await report('a key in the header opens it; a page of another origin, or another version, does not', async () => {
  const Authorization = `Bearer ${first}`;
  const taken = await handshake({Authorization});
  assert.equal(taken.statusCode, 101);
  // The pair of RFC 6455, section 1.3.
  assert.equal(taken.headers['sec-websocket-accept'], 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
  assert.equal((await handshake({Authorization, Origin: 'https://elsewhere.example'})).statusCode, 403);
  assert.equal((await handshake({Authorization, 'Sec-WebSocket-Version': '8'})).statusCode, 426);
  assert.equal((await handshake({})).statusCode, 401);
});

await report('one whose key is revoked sees no more', async () => {
  const made = await ask(first, '/v1/admin/api-keys', 'POST', {name: 'brief', role: 'admin'});
  const watcher = await Watcher.over(made.body.token);
  await ask(first, `/v1/admin/api-keys/${made.body.key.id}`, 'DELETE');
  assert.equal((await watcher.closed).code, 1001);
});

await report('what a client says is bounded, and ends the socket when it is more', async () => {
  const watcher = await Watcher.over(first);
  watcher.socket.send('hello');
  await ask(first, '/v1/whoami');
  await watcher.until(isOf('self.show'));
  watcher.socket.send('x'.repeat(5000));
  assert.equal((await watcher.closed).code, 1009);
});

await report('a token is made with its file and the snippet of the client', async () => {
  const {status, body} = await ask(first, '/v1/mcp/tokens', 'POST', {name: 'Claude Desktop'});
  assert.equal(status, 201);
  assert.equal(readFileSync(body.file, 'utf8').trim(), body.token);
  const entry = body.config.stdio.mcpServers['mcpgate-claude-desktop'];
  assert.match(entry.command, /mcpgate-stdio$/);
  assert.equal(entry.env.MCPGATE_API_KEY_FILE, body.file);
  assert.equal(body.config.http.mcpServers['mcpgate-claude-desktop'].url, `${setting.origin}/mcp`);
  await ask(first, `/v1/admin/sessions/${body.key.id}`, 'DELETE');
});

finish();
