// conversation_v1.mjs <setting.json>: the official TypeScript SDK 1.x, which most clients in use are built on, talks to
// mcpgate-stdio, or to mcpgate-http when the setting has its addresses, in each revision it speaks.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {Client} from '@modelcontextprotocol/sdk/client/index.js';
import {StdioClientTransport} from '@modelcontextprotocol/sdk/client/stdio.js';
import {StreamableHTTPClientTransport, StreamableHTTPError} from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {McpError} from '@modelcontextprotocol/sdk/types.js';
import {withReader, withSlowDiscord, withWriter} from './cases.mjs';
import {converse, finish, report, setting} from './report.mjs';

const eras = ['2025-11-25', '2025-06-18', '2025-03-26'].map(version => ({version}));

/** This SDK offers its newest revision and has no option for another; older releases of it offered this one. */
function offering(version, transport) {
  const send = transport.send.bind(transport);
  transport.send = (message, options) => {
    const isFirst = message.method === 'initialize';
    return send(isFirst ? {...message, params: {...message.params, protocolVersion: version}} : message, options);
  };
  const settle = transport.setProtocolVersion?.bind(transport);
  transport.setProtocolVersion = settled => {
    transport.settled = settled;
    settle?.(settled);
  };
  return transport;
}

function overHttp(era, key, isSlow, watch) {
  return new StreamableHTTPClientTransport(new URL(isSlow ? setting.http.slow : setting.http.quick[era.version]), {
    requestInit: {headers: {Authorization: `Bearer ${key}`}},
    fetch: async (url, init) => {
      const answer = await fetch(url, init);
      watch.push({method: init.method ?? 'GET', status: answer.status, type: answer.headers.get('content-type')});
      return answer;
    },
  });
}

function overStdio(era, who, extra) {
  return new StdioClientTransport({
    command: setting.python,
    args: [setting.tap, setting.records, `typescript_v1-${era.version}-${who}${extra.length ? '-slow' : ''}`, '--',
           setting.server, '--data', setting.data, '--sandbox', ...extra],
    env: {...setting.environment, MCPGATE_API_KEY_FILE: setting.keys[era.version][who]},
  });
}

const keyOf = (era, who) => readFileSync(setting.keys[era.version][who], 'utf8').trim();

const sdk = {
  /** A connected client that holds the key `who`; `offer` is the revision it asks for. */
  async connect(era, who, extra = [], offer = era.version) {
    const client = new Client({name: 'typescript-conversation', version: '1.0.0'});
    client.noise = [];
    client.requests = [];
    client.onerror = error => client.noise.push(error);
    const transport = setting.http ? overHttp(era, keyOf(era, who), extra.length > 0, client.requests)
                                   : overStdio(era, who, extra);
    await client.connect(offering(offer, transport));
    return client;
  },
  call: (client, name, args, options) => client.callTool({name, arguments: args}, undefined, options),
  version: client => client.transport.settled,
  isRefusalNoise: error => error.code === 429,
  /** The error a refused call is answered with. */
  async refusal(promise, code) {
    const error = await promise.then(
      result => assert.fail(`answered instead of refused: ${JSON.stringify(result)}`), error => error);
    if (setting.http && code > 0) {  // a refusal has a status of its own, and this SDK then shows the body as text
      assert.ok(error instanceof StreamableHTTPError, String(error));
      assert.equal(error.code, Math.floor(code / 100), String(error));
      const refused = JSON.parse(error.message.slice(error.message.indexOf('{'))).error;
      assert.equal(refused.code, code);
      return refused;
    }
    assert.ok(error instanceof McpError, `not a protocol error: ${error}`);
    assert.equal(error.code, code, `${error.code}: ${error.message}`);
    return error;
  },
};

/** Waits until `found` gives something; what a stream brings has no other sign. */
async function soon(found) {
  const end = Date.now() + 10_000;
  for (;;) {
    const value = found();
    if (value || Date.now() > end) return value;
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}

const session = [
  ["the server's own stream is open", async ({client}) => {
    const stream = await soon(() => client.requests.find(request => request.method === 'GET'));
    assert.equal(stream?.status, 200);
    assert.match(stream.type, /^text\/event-stream/);
  }],
  ['the session ends when it is asked to, and serves no more', async ({client, era}) => {
    const id = client.transport.sessionId;
    assert.ok(id);
    await client.transport.terminateSession();
    assert.equal(client.requests.at(-1).method, 'DELETE');
    assert.ok(client.requests.at(-1).status < 300, `DELETE was answered ${client.requests.at(-1).status}`);
    const answer = await fetch(setting.http.quick[era.version], {
      method: 'POST',
      headers: {Authorization: `Bearer ${keyOf(era, 'reader')}`, 'Mcp-Session-Id': id,
                'Content-Type': 'application/json', Accept: 'application/json, text/event-stream'},
      body: JSON.stringify({jsonrpc: '2.0', id: 99, method: 'tools/list'}),
    });
    assert.equal(answer.status, 404, 'the sign for a client to begin anew');
  }],
];

async function wrongKey(era) {
  const client = new Client({name: 'typescript-conversation', version: '1.0.0'});
  const right = keyOf(era, 'reader');
  const wrong = right.slice(0, -1) + (right.endsWith('a') ? 'b' : 'a');
  await assert.rejects(client.connect(overHttp(era, wrong, false, [])),
                       error => error.code === 401 && /key/.test(error.message));
}

for (const era of eras) {
  await converse(sdk, era, 'writer', withWriter);
  await converse(sdk, era, 'reader', withReader);
  await converse(sdk, era, 'reader', withSlowDiscord, ['--sandbox-latency-ms', '300']);
  if (!setting.http) continue;
  await converse(sdk, era, 'reader', session);
  await report(`${era.version}: a wrong key is refused in words`, () => wrongKey(era));
}
await report('a client of before Streamable HTTP is offered a revision it understands', async () => {
  const client = await sdk.connect(eras[0], 'reader', [], '2024-11-05');
  assert.equal(sdk.version(client), '2025-11-25');
  assert.ok((await client.listTools()).tools.length > 0);
  await client.close();
});
finish();
