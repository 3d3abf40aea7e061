// mcp_remote.mjs <setting.json>: a client that knows only stdio talks to mcpgate-http through the bridge mcp-remote, in
// both of its modes: `legacy` passes the handshake through, `auto` finds 2026-07-28 and translates.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {closeSync, mkdirSync, openSync, readFileSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {Client} from '@modelcontextprotocol/sdk/client/index.js';
import {StdioClientTransport} from '@modelcontextprotocol/sdk/client/stdio.js';
import {McpError} from '@modelcontextprotocol/sdk/types.js';
import {finish, report, setting} from './report.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const BRIDGE = join(here, '../node_modules/mcp-remote/dist/proxy.js');
const KEYS = setting.keys['2025-11-25'];
const home = join(setting.data, '../home');
mkdirSync(home, {recursive: true});
const environment = {...setting.environment, HOME: home};

/** The bridge reads headers from a file, so the key is in no list of processes. */
function headerFile(name, header) {
  const path = join(home, `../${name}.header.key`);
  writeFileSync(path, header + '\n', {mode: 0o600});
  return path;
}

const authorization = who => `Authorization: Bearer ${readFileSync(KEYS[who], 'utf8').trim()}`;

/** What clients.md tells a client to run: npx, its arguments and the server's; here the package is installed already. */
function shownArguments() {
  const page = readFileSync(join(here, '../../../hosts/http/clients.md'), 'utf8');
  const blocks = [...page.matchAll(/^```json\n(.*?)^```$/gms)].map(match => JSON.parse(match[1]));
  const {command, args} = blocks.map(block => block.mcpServers?.mcpgate).find(server => server?.command);
  const {version} = JSON.parse(readFileSync(join(here, '../node_modules/mcp-remote/package.json'), 'utf8'));
  assert.deepEqual([command, ...args.slice(0, 2)], ['npx', '-y', `mcp-remote@${version}`]);
  return args.slice(2);
}

function bridgeArguments(headers, mode) {
  const own = {'http://127.0.0.1:8808/mcp': setting.http.quick['2026-07-28'], 'mcpgate.header': headers};
  return [BRIDGE, ...shownArguments().map(word => own[word] ?? word), '--protocol', mode];
}

async function connect(mode, who) {
  const client = new Client({name: 'knows-only-stdio', version: '1.0.0'});
  const log = openSync(join(setting.records, `mcp-remote-${mode}-${who}.err`), 'w');
  await client.connect(new StdioClientTransport({
    command: process.execPath,
    args: bridgeArguments(headerFile(`${mode}-${who}`, authorization(who)), mode),
    env: environment,
    stderr: log,
  }));
  closeSync(log);
  return client;
}

const text = result => result.content.map(block => block.text ?? '').join('\n');
const call = (client, name, args) => client.callTool({name, arguments: args});

async function generalChannel(client) {
  const {channels} = (await call(client, 'discord_list_channels', {})).structuredContent;
  return channels.find(channel => channel.name === 'general').id;
}

const withWriter = [
  ['the handshake passes', async client => {
    assert.equal(client.getServerVersion().name, 'mcpgate');
    assert.ok(client.getServerCapabilities().tools);
  }],
  ['tools are listed', async client => {
    const names = (await client.listTools()).tools.map(tool => tool.name);
    for (const name of setting.tools) assert.ok(names.includes(name), `${name} is not in ${names}`);
  }],
  ['a message is sent and read back', async client => {
    const channel_id = await generalChannel(client);
    const content = 'across the bridge, öäü ✓';
    const sent = await call(client, 'discord_send_message', {channel_id, content});
    assert.ok(!sent.isError, text(sent));
    const read = await call(client, 'discord_read_messages', {channel_id, limit: 5});
    assert.ok(read.structuredContent.messages.some(message => message.content === content), text(read));
  }],
  ["a tool's failure is a result a model can read", async client => {
    const result = await call(client, 'discord_send_message', {channel_id: '1', content: 'to nowhere'});
    assert.equal(result.isError, true);
    assert.match(text(result), /unknown channel/i);
  }],
  ['an unknown tool is a protocol error', async client => {
    await assert.rejects(call(client, 'no_such_tool', {}), error => error instanceof McpError && error.code === -32602);
  }],
];

const withReader = [
  ['a reader who posts all the same is refused, in words', async client => {
    const channel_id = await generalChannel(client);
    await assert.rejects(call(client, 'discord_send_message', {channel_id, content: 'hello'}),
                         error => error instanceof McpError && /role|may not|key/.test(error.message));
    assert.ok(!(await call(client, 'check_server_status', {})).isError, 'the bridge still stands');
  }],
];

async function converse(mode, who, cases) {
  const connecting = connect(mode, who);
  for (const [name, body] of cases) await report(`${mode}: ${name}`, async () => body(await connecting));
  await (await connecting.catch(() => undefined))?.close();
}

/** A wrong key's bridge: what it says, its exit code, and how long it took. */
function withWrongKey(mode) {
  const bridge = spawn(process.execPath, bridgeArguments(headerFile(`${mode}-wrong`, 'Authorization: Bearer mcpg_k_wrong'), mode),
                       {env: environment, stdio: ['pipe', 'ignore', 'pipe']});
  let said = '';
  bridge.stderr.setEncoding('utf8').on('data', part => { said += part; });
  const impatience = setTimeout(() => bridge.kill(), 20_000);
  return new Promise(resolve => bridge.on('close', code => {
    clearTimeout(impatience);
    writeFileSync(join(setting.records, `mcp-remote-${mode}-wrong.err`), said);
    resolve({said, code});
  }));
}

for (const mode of ['legacy', 'auto']) {
  await converse(mode, 'writer', withWriter);
  await converse(mode, 'reader', withReader);
  await report(`${mode}: a wrong key ends the bridge, which waits for no sign-in and says what is wanted`, async () => {
    const {said, code} = await withWrongKey(mode);
    assert.equal(code, 1, said);
    assert.match(said, /Fatal error: .*API key/);
    assert.doesNotMatch(said, /Please authorize/);
  });
}
finish();
