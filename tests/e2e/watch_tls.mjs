// watch_tls.mjs <setting.json>: the trail as it grows over TLS, by the package `ws`, which shows pings and pongs.
import assert from 'node:assert/strict';
import {once} from 'node:events';
import {readFileSync} from 'node:fs';
import {Agent, get} from 'node:https';
import WebSocket from 'ws';
import {finish, report, setting} from './typescript/report.mjs';

const REACH = 10_000;  // records that one who comes back can catch up with
const ca = readFileSync(setting.ca);
const Authorization = `Bearer ${readFileSync(setting.first, 'utf8').trim()}`;
const agent = new Agent({ca, keepAlive: true, maxSockets: 16});
const within = (seconds) => ({signal: AbortSignal.timeout(seconds * 1000)});

/** Messages of one socket, read as they come. */
function watch(query = '', options = {ca}) {
  const socket = new WebSocket(`${setting.origin.replace(/^https/, 'wss')}/inspector/ws${query}`, {headers: {Authorization}, ...options});
  socket.messages = [];
  socket.on('message', (data) => {
    socket.messages.push(JSON.parse(data));
    socket.emit('told');
  });
  return socket;
}

async function until(socket, fits) {
  while (!socket.messages.some(fits)) await once(socket, 'told', within(30));
  return socket.messages.find(fits);
}

async function close(socket) {
  socket.close(1000);
  const [code] = await once(socket, 'close', within(20));
  return code;
}

const call = () => new Promise((resolve, reject) => {
  get(`${setting.origin}/v1/whoami`, {agent, headers: {Authorization}}, (answer) => {
    answer.resume().on('end', () => resolve(answer.statusCode));
  }).on('error', reject);
});

/** So many calls, several at once. */
async function calls(count) {
  let left = count;
  const one = async () => {
    while (left-- > 0) assert.equal(await call(), 200);
  };
  await Promise.all(Array.from({length: 16}, one));
}

await report('over TLS a call is seen by one who watches, and the socket ends cleanly', async () => {
  const socket = watch();
  await once(socket, 'open', within(20));
  assert.equal(await call(), 200);
  const seen = await until(socket, ({record}) => record?.action === 'self.show');
  assert.equal(seen.type, 'record');
  assert.equal(await close(socket), 1000);
});

await report('nothing is spoken with a client that does not trust the certificate', async () => {
  const [error] = await once(watch('', {}), 'error', within(20));
  assert.match(error.code, /SELF_SIGNED|UNABLE_TO_VERIFY/);
});

await report("a client's ping is answered with what it said", async () => {
  const socket = watch();
  await once(socket, 'open', within(20));
  socket.ping('are you there');
  const [said] = await once(socket, 'pong', within(20));
  assert.equal(said.toString(), 'are you there');
  await close(socket);
});

await report('a quiet socket is pinged, and goes on once it has answered', async () => {
  const socket = watch();
  await once(socket, 'open', within(20));
  await once(socket, 'ping', within(60));  // ws answers by itself
  assert.equal(await call(), 200);
  await until(socket, ({record}) => record?.action === 'self.show');
  await close(socket);
});

await report('of what is out of reach one who comes back is told the ends, and then every record once', async () => {
  await calls(REACH + 100);
  const socket = watch('?after=1');
  const {from, to} = await until(socket, ({type}) => type === 'gap');
  assert.equal(socket.messages[0].type, 'gap');
  assert.equal(from, 2);
  assert(to > from, `to ${to}`);  // how far depends on what is not written yet
  await until(socket, ({seq}) => seq >= to + 1000);
  const numbers = socket.messages.slice(1).map(({seq}) => seq);
  assert(numbers.every((number, i) => number === to + 1 + i), 'a record is missing, or twice');
  await close(socket);
});

agent.destroy();
finish();
