// The cases a conversation of the TypeScript SDKs consists of. Each is told `sdk`, what differs between the two: how to
// connect, call, read a refusal. Cases of one list share a connection.
import assert from 'node:assert/strict';
import {setting} from './report.mjs';

const text = result => result.content.map(block => block.text ?? '').join('\n');

/** What a result says to programs; before 2025-06-18 its text is all there is. */
function data({era}, result) {
  if (era.version > '2025-06') return result.structuredContent;
  assert.equal(result.structuredContent, undefined);
  return JSON.parse(text(result));
}

/** The channel of the sandbox that the conversation happens in. */
async function generalChannel(context) {
  const {channels} = data(context, await context.sdk.call(context.client, 'discord_list_channels', {}));
  return channels.find(channel => channel.name === 'general').id;
}

// One conversation with a writer's key, in this order: the cases share a connection, a channel and five posts.
export const withWriter = [
  ['the version is settled', async ({sdk, client, era}) => {
    assert.equal(sdk.version(client), era.version);
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
    const {sdk, client, era} = context;
    context.channel = await generalChannel(context);
    const content = `typescript speaks ${era.version}, öäü ✓`;
    const sent = await sdk.call(client, 'discord_send_message', {channel_id: context.channel, content});
    assert.ok(!sent.isError, text(sent));
    const read = await sdk.call(client, 'discord_read_messages', {channel_id: context.channel, limit: 5});
    assert.ok(data(context, read).messages.some(message => message.content === content), text(read));
  }],
  ['structured content fits its schema and says the same as the text', async context => {
    const {sdk, client} = context;
    const status = await sdk.call(client, 'check_server_status', {});  // the client checks the schema
    assert.ok(data(context, status).version);
    assert.deepEqual(JSON.parse(text(status)), data(context, status));
  }],
  ["a tool's failure is a result a model can read", async ({sdk, client}) => {
    const result = await sdk.call(client, 'discord_send_message', {channel_id: '1', content: 'to nowhere'});
    assert.equal(result.isError, true);
    assert.match(text(result), /unknown channel/i);
  }],
  ['wrong arguments are a result that names them', async ({sdk, client, channel}) => {
    const result = await sdk.call(client, 'discord_send_message', {channel_id: channel, contents: 'misspelt'});
    assert.equal(result.isError, true);
    assert.match(text(result), /content/);
  }],
  ['an unknown tool is a protocol error', async ({sdk, client}) => {
    await sdk.refusal(sdk.call(client, 'no_such_tool', {}), -32602);
  }],
  ['the sixth post within the hour is refused with its retry time', async ({sdk, client, channel}) => {
    const send = content => sdk.call(client, 'discord_send_message', {channel_id: channel, content});
    for (let post = 2; post <= 5; ++post) assert.ok(!(await send(`post ${post}`)).isError);
    const error = await sdk.refusal(send('post 6'), 42901);
    assert.ok(error.data.retryAfterMs > 3_500_000 && error.data.retryAfterMs <= 3_600_000, String(error.data.retryAfterMs));
    assert.ok(error.data.policy && error.data.limit === 5, JSON.stringify(error.data));
  }],
  ['progress rises', async ({sdk, client, channel}) => {
    const seen = [];
    const result = await sdk.call(client, 'discord_read_messages', {channel_id: channel, limit: 300},
                                  {onprogress: report => seen.push(report.progress)});
    assert.ok(!result.isError, text(result));
    assert.ok(seen.length >= 2, `${seen.length} reports`);
    for (let i = 1; i < seen.length; ++i) assert.ok(seen[i] > seen[i - 1], seen.join(' '));
  }],
  ['ping is answered in its era', async ({client, era}) => {
    if (era.version < '2026') assert.deepEqual(await client.ping(), {});
    else await assert.rejects(client.ping());
  }],
  ['nothing came that the client does not understand', async ({sdk, client}) => {
    assert.deepEqual(client.noise.filter(error => !sdk.isRefusalNoise(error)), []);
  }],
];

export const withReader = [
  ['a reader does not see what it may not call', async ({client}) => {
    const names = (await client.listTools()).tools.map(tool => tool.name);
    assert.ok(names.includes('discord_read_messages'));
    assert.ok(!names.includes('discord_send_message'));
  }],
  ['a reader who calls it all the same is refused', async context => {
    const {sdk, client} = context;
    const channel = await generalChannel(context);
    await sdk.refusal(sdk.call(client, 'discord_send_message', {channel_id: channel, content: 'hello'}), 40301);
  }],
];

export const withSlowDiscord = [
  ['a cancelled call ends, unanswered, and the server serves on', async context => {
    const {sdk, client} = context;
    const channel = await generalChannel(context);
    const cancel = new AbortController();
    const reading = sdk.call(client, 'discord_read_messages', {channel_id: channel, limit: 300},
                             {signal: cancel.signal, onprogress: () => cancel.abort(new Error('enough'))});
    await assert.rejects(reading, /enough/);
    // Whether an answer came after all is in the record, which the wire check reads.
    assert.ok(!(await sdk.call(client, 'check_server_status', {})).isError);
  }],
];
