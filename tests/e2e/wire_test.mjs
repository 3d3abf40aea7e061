// wire_test.mjs <folder with schemas>: the wire check refuses what it must. Each case is a short record with one fault.
import assert from 'node:assert/strict';
import {Conversation, loadSchemas} from './wire.mjs';

const schemas = loadSchemas(process.argv[2]);
if (!schemas) {
  console.log(`skipped: no official schemas in ${process.argv[2]}`);
  console.log('ok the wire check says when it cannot check');
  process.exit(0);
}

const claim = {'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'io.modelcontextprotocol/clientCapabilities': {}};
const serverInfo = {'io.modelcontextprotocol/serverInfo': {name: 'mcpgate', version: '1'}};
const modern = (id, method, params = {}) => ({jsonrpc: '2.0', id, method, params: {_meta: claim, ...params}});
const legacy = (id, method, params = {}) => ({jsonrpc: '2.0', id, method, params});
const answer = (id, result) => ({jsonrpc: '2.0', id, result});
const notify = (method, params) => ({jsonrpc: '2.0', method, params});
const list = {resultType: 'complete', _meta: serverInfo, tools: [], ttlMs: 0, cacheScope: 'private'};
const called = {content: [{type: 'text', text: 'hello'}]};
const progress = (token, value) => notify('notifications/progress', {progressToken: token, progress: value});
const token = {_meta: {progressToken: 7}};

const good = [
  ['both eras side by side', [modern(1, 'tools/list'), legacy('1', 'tools/list')], [answer('1', {tools: []}), answer(1, list)]],
  ['progress before its answer', [legacy(1, 'tools/call', token)], [progress(7, 1), progress(7, 2), answer(1, called)]],
  ['silence after a cancellation', [legacy(1, 'tools/call'), notify('notifications/cancelled', {requestId: 1})], []],
];
const bad = [
  ['an id of another type', [legacy(1, 'ping')], [answer('1', {})], /id of another type/],
  ['a second answer', [legacy(1, 'ping')], [answer(1, {}), answer(1, {})], /answer to nothing/],
  ['no answer', [legacy(1, 'ping')], [], /without an answer/],
  ['an answer after a cancellation', [legacy(1, 'tools/call'), notify('notifications/cancelled', {requestId: 1})],
   [answer(1, called)], /cancelled/],
  ['a call result where a list belongs', [legacy(1, 'tools/list')], [answer(1, called)], /not a ListToolsResult/],
  ['a result without its content', [legacy(1, 'tools/call')], [answer(1, {})], /not a CallToolResult/],
  ['a block of an unknown type', [legacy(1, 'tools/call')], [answer(1, {content: [{type: 'smell'}]})], /not a CallToolResult/],
  ['a modern list without its cache hints', [modern(1, 'tools/list')],
   [answer(1, {resultType: 'complete', _meta: serverInfo, tools: []})], /not a ListToolsResult/],
  ['a modern list that others may cache', [modern(1, 'tools/list')], [answer(1, {...list, cacheScope: 'public'})], /private/],
  ['a modern result without resultType', [modern(1, 'tools/call')], [answer(1, {...called, _meta: serverInfo})], /resultType|complete/],
  ['a modern result from nobody', [modern(1, 'tools/call')], [answer(1, {...called, resultType: 'complete'})], /serverInfo/],
  ['a 2025 result with resultType', [legacy(1, 'tools/call')], [answer(1, {...called, resultType: 'complete'})], /resultType/],
  ['a 2025 list with a cache hint', [legacy(1, 'tools/list')], [answer(1, {tools: [], ttlMs: 0})], /ttlMs/],
  ['a 2025 result with serverInfo', [legacy(1, 'tools/call')], [answer(1, {...called, _meta: serverInfo})], /serverInfo/],
  ['a pong that says something', [legacy(1, 'ping')], [answer(1, {a: 1})], /not \{\}/],
  ['structured content before its time', [legacy(1, 'initialize'), legacy(2, 'tools/call')],
   [answer(1, {protocolVersion: '2025-03-26', capabilities: {}, serverInfo: {name: 'mcpgate', version: '1'}}),
    answer(2, {...called, structuredContent: {}})], /structuredContent on/],
  ['a request from the server', [], [legacy(1, 'ping')], /no requests/],
  ['progress for nobody', [legacy(1, 'tools/call')], [progress(7, 1)], /nobody gave/],
  ['progress with a token of another type', [legacy(1, 'tools/call', token)], [progress('7', 1)], /nobody gave/],
  ['progress that falls', [legacy(1, 'tools/call', token)], [progress(7, 2), progress(7, 2)], /rise/],
  ['progress after the answer', [legacy(1, 'tools/call', token)], [answer(1, called), progress(7, 1)], /after the answer/],
  ['an error without a message', [legacy(1, 'ping')], [{jsonrpc: '2.0', id: 1, error: {code: 1}}], /JSONRPCErrorResponse/],
  ['an id that is null', [], [{jsonrpc: '2.0', id: null, error: {code: 1, message: 'x'}}], /answer to nothing/],
];

function replay(sent, written) {
  const conversation = new Conversation(schemas);
  for (const message of sent) conversation.fromClient(JSON.stringify(message));
  for (const message of written) conversation.fromServer(JSON.stringify(message) + '\n');
  conversation.end();
}

function report(name, body) {
  try {
    body();
    console.log(`ok ${name}`);
  } catch (error) {
    console.log(`not ok ${name}: ${error.message.replaceAll('\n', ' ')}`);
    process.exitCode = 1;
  }
}
for (const [name, sent, written] of good) report(`the wire check passes ${name}`, () => replay(sent, written));
for (const [name, sent, written, words] of bad) {
  report(`the wire check refuses ${name}`, () => assert.throws(() => replay(sent, written), words));
}
