// conversation.mjs <setting.json>: the official TypeScript client talks to mcpgate-stdio, or to mcpgate-http when the
// setting has its addresses, in each era it speaks.
// Prints "ok <case>" or "not ok <case>: <why>" for each case.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {Client, ProtocolError, StreamableHTTPClientTransport} from '@modelcontextprotocol/client';
import {StdioClientTransport} from '@modelcontextprotocol/client/stdio';

const setting = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const legacy = version => ({version, options: {supportedProtocolVersions: [version]}});
const eras = [
  {version: '2026-07-28', options: {versionNegotiation: {mode: {pin: '2026-07-28'}}}},
  legacy('2025-11-25'),
  legacy('2025-06-18'),
  legacy('2025-03-26'),
];

function overHttp(era, who, isSlow) {
  const key = readFileSync(setting.keys[era.version][who], 'utf8').trim();
  return new StreamableHTTPClientTransport(new URL(isSlow ? setting.http.slow : setting.http.quick),
                                           {requestInit: {headers: {Authorization: `Bearer ${key}`}}});
}

/** A connected client that holds the key `who`; `extra` are further options of the server. */
async function connect(era, who, extra = [], options = era.options) {
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
}

const text = result => result.content.map(block => block.text ?? '').join('\n');
const call = (client, name, args, options) => client.callTool({name, arguments: args}, options);

/** What a result says to programs; before 2025-06-18 its text is all there is. */
function data(client, result) {
  if (client.getNegotiatedProtocolVersion() > '2025-06') return result.structuredContent;
  assert.equal(result.structuredContent, undefined);
  return JSON.parse(text(result));
}

/** The channel of the sandbox that the conversation happens in. */
async function generalChannel(client) {
  const {channels} = data(client, await call(client, 'discord_list_channels', {}));
  return channels.find(channel => channel.name === 'general').id;
}

async function refusal(promise, code) {
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
}

// One conversation with a writer's key, in this order: the cases share a connection, a channel and five posts.
const withWriter = [
  ['the version is settled', async ({client, era}) => {
    assert.equal(client.getNegotiatedProtocolVersion(), era.version);
    assert.ok(client.getServerCapabilities().tools);
    assert.equal(client.getServerVersion().name, 'mcpgate');
  }],
  ['the tools of a writer are listed', async ({client}) => {
    const {tools} = await client.listTools();
    const names = tools.map(tool => tool.name);
    for (const name of setting.tools) assert.ok(names.includes(name), `${name} is not in ${names}`);
    const send = tools.find(tool => tool.name === 'discord_send_message');
    assert.equal(send.inputSchema.type, 'object');
    assert.notEqual(send.annotations.readOnlyHint, true);
    assert.equal(tools.find(tool => tool.name === 'discord_read_messages').annotations.readOnlyHint, true);
  }],
  ['a message is sent and read back', async context => {
    const {client, era} = context;
    context.channel = await generalChannel(client);
    const content = `typescript speaks ${era.version}, öäü ✓`;
    const sent = await call(client, 'discord_send_message', {channel_id: context.channel, content});
    assert.ok(!sent.isError, text(sent));
    const read = await call(client, 'discord_read_messages', {channel_id: context.channel, limit: 5});
    assert.ok(data(client, read).messages.some(message => message.content === content), text(read));
  }],
  ['structured content fits its schema and says the same as the text', async ({client}) => {
    const status = await call(client, 'check_server_status', {});  // the client checks the schema
    assert.ok(data(client, status).version);
    assert.deepEqual(JSON.parse(text(status)), data(client, status));
  }],
  ["a tool's failure is a result a model can read", async ({client}) => {
    const result = await call(client, 'discord_send_message', {channel_id: '1', content: 'to nowhere'});
    assert.equal(result.isError, true);
    assert.match(text(result), /unknown channel/i);
  }],
  ['wrong arguments are a result that names them', async ({client, channel}) => {
    const result = await call(client, 'discord_send_message', {channel_id: channel, contents: 'misspelt'});
    assert.equal(result.isError, true);
    assert.match(text(result), /content/);
  }],
  ['an unknown tool is a protocol error', async ({client}) => {
    await refusal(call(client, 'no_such_tool', {}), -32602);
  }],
  ['the sixth post within the hour is refused with its retry time', async ({client, channel}) => {
    const send = content => call(client, 'discord_send_message', {channel_id: channel, content});
    for (let post = 2; post <= 5; ++post) assert.ok(!(await send(`post ${post}`)).isError);
    const error = await refusal(send('post 6'), 42901);
    assert.ok(error.data.retryAfterMs > 3_500_000 && error.data.retryAfterMs <= 3_600_000, String(error.data.retryAfterMs));
    assert.ok(error.data.policy && error.data.limit === 5, JSON.stringify(error.data));
  }],
  ['progress rises', async ({client, channel}) => {
    const seen = [];
    const result = await call(client, 'discord_read_messages', {channel_id: channel, limit: 300},
                              {onprogress: report => seen.push(report.progress)});
    assert.ok(!result.isError, text(result));
    assert.ok(seen.length >= 2, `${seen.length} reports`);
    for (let i = 1; i < seen.length; ++i) assert.ok(seen[i] > seen[i - 1], seen.join(' '));
  }],
  ['ping is answered in its era', async ({client, era}) => {
    if (era.version < '2026') assert.deepEqual(await client.ping(), {});
    else await assert.rejects(client.ping());
  }],
  ['nothing came that the client does not understand', async ({client}) => {
    assert.deepEqual(client.noise.filter(error => error.data?.status !== 429), []);
  }],
];

const withReader = [
  ['a reader does not see what it may not call', async ({client}) => {
    const names = (await client.listTools()).tools.map(tool => tool.name);
    assert.ok(names.includes('discord_read_messages'));
    assert.ok(!names.includes('discord_send_message'));
  }],
  ['a reader who calls it all the same is refused', async ({client}) => {
    const channel = await generalChannel(client);
    await refusal(call(client, 'discord_send_message', {channel_id: channel, content: 'hello'}), 40301);
  }],
];

const withSlowDiscord = [
  ['a cancelled call ends, unanswered, and the server serves on', async ({client}) => {
    const channel = await generalChannel(client);
    const cancel = new AbortController();
    const reading = call(client, 'discord_read_messages', {channel_id: channel, limit: 300},
                         {signal: cancel.signal, onprogress: () => cancel.abort(new Error('enough'))});
    await assert.rejects(reading, /enough/);
    // Whether an answer came after all is in the record, which the wire check reads.
    assert.ok(!(await call(client, 'check_server_status', {})).isError);
  }],
];

let failures = 0;
async function report(name, body) {
  try {
    await body();
    console.log(`ok ${name}`);
  } catch (error) {
    ++failures;
    console.log(`not ok ${name}: ${error.message.replaceAll('\n', ' ')}`);
  }
}

/** Runs the cases on one connection; none can, when that fails. */
async function converse(era, who, cases, extra = []) {
  const context = {era};
  const connecting = connect(era, who, extra);
  for (const [name, body] of cases) {
    await report(`${era.version}: ${name}`, async () => {
      context.client = await connecting;
      await body(context);
    });
  }
  await context.client?.close();
}

for (const era of eras) {
  await converse(era, 'writer', withWriter);
  await converse(era, 'reader', withReader);
  await converse(era, 'reader', withSlowDiscord, ['--sandbox-latency-ms', '300']);
}
await report('a client that probes finds the newest version', async () => {
  const client = await connect(eras[0], 'reader', [], {versionNegotiation: {mode: 'auto'}});
  assert.equal(client.getNegotiatedProtocolVersion(), '2026-07-28');
  assert.ok((await client.listTools()).tools.length > 0);
  await client.close();
});
process.exitCode = failures ? 1 : 0;
