// conversation.mjs <setting.json>: the official TypeScript client 2.x talks to mcpgate-stdio, or to mcpgate-http when the
// setting has its addresses, in each era it speaks.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {Client, ProtocolError, StreamableHTTPClientTransport} from '@modelcontextprotocol/client';
import {StdioClientTransport} from '@modelcontextprotocol/client/stdio';
import {withReader, withSlowDiscord, withWriter} from './cases.mjs';
import {converse, finish, report, setting} from './report.mjs';

const legacy = version => ({version, options: {supportedProtocolVersions: [version]}});
const eras = [
  {version: '2026-07-28', options: {versionNegotiation: {mode: {pin: '2026-07-28'}}}},
  legacy('2025-11-25'),
  legacy('2025-06-18'),
  legacy('2025-03-26'),
];

function overHttp(era, who, isSlow) {
  const key = readFileSync(setting.keys[era.version][who], 'utf8').trim();
  return new StreamableHTTPClientTransport(new URL(isSlow ? setting.http.slow : setting.http.quick[era.version]),
                                           {requestInit: {headers: {Authorization: `Bearer ${key}`}}});
}

const sdk = {
  /** A connected client that holds the key `who`; `extra` are further options of the server. */
  async connect(era, who, extra = [], options = era.options) {
    const transport = setting.http ? overHttp(era, who, extra.length > 0) : new StdioClientTransport({
      command: setting.python,
      args: [setting.tap, setting.records, `typescript-${era.version}-${who}${extra.length ? '-slow' : ''}`, '--', setting.server,
             '--data', setting.data, '--sandbox', ...extra],
      env: {...setting.environment, MCPGATE_API_KEY_FILE: setting.keys[era.version][who]},
    });
    const client = new Client({name: 'typescript-conversation', version: '1.0.0'}, options);
    client.noise = [];
    client.onerror = error => client.noise.push(error);
    await client.connect(transport);
    return client;
  },
  call: (client, name, args, options) => client.callTool({name, arguments: args}, options),
  version: client => client.getNegotiatedProtocolVersion(),
  isRefusalNoise: error => error.data?.status === 429,
  /** The error a refused call is answered with. */
  async refusal(promise, code) {
    const error = await promise.then(
      result => assert.fail(`answered instead of refused: ${JSON.stringify(result)}`), error => error);
    if (setting.http && code > 0) {  // a refusal has a status of its own, and this client then shows the body as text
      assert.equal(error.data?.status, Math.floor(code / 100), String(error));
      const refused = JSON.parse(error.data.text).error;
      assert.equal(refused.code, code);
      return refused;
    }
    assert.ok(ProtocolError.isInstance(error), `not a protocol error: ${error}`);
    assert.equal(error.code, code, `${error.code}: ${error.message}`);
    return error;
  },
};

for (const era of eras) {
  await converse(sdk, era, 'writer', withWriter);
  await converse(sdk, era, 'reader', withReader);
  await converse(sdk, era, 'reader', withSlowDiscord, ['--sandbox-latency-ms', '300']);
}
await report('a client that probes finds the newest version', async () => {
  const client = await sdk.connect(eras[0], 'reader', [], {versionNegotiation: {mode: 'auto'}});
  assert.equal(client.getNegotiatedProtocolVersion(), '2026-07-28');
  assert.ok((await client.listTools()).tools.length > 0);
  await client.close();
});
finish();
