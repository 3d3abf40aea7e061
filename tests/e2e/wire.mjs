// What a server may write, line by line: the envelope, and the result of its own method in its own era.
import assert from 'node:assert/strict';
import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import Ajv from 'ajv/dist/2020.js';

const MODERN = '2026-07-28';
const LEGACY = '2025-11-25';  // stands for 2025-06-18 and 2025-03-26 too, whose results it contains
const META = 'io.modelcontextprotocol/';
const RESULTS = {
  [MODERN]: {
    'server/discover': 'DiscoverResult',
    'tools/list': 'ListToolsResult',
    'tools/call': 'CallToolResult',
  },
  [LEGACY]: {
    'initialize': 'InitializeResult',
    'ping': 'EmptyResult',
    'tools/list': 'ListToolsResult',
    'tools/call': 'CallToolResult',
  },
};
const NOTIFICATIONS = {
  'notifications/progress': 'ProgressNotification',
  'notifications/message': 'LoggingMessageNotification',
  'notifications/cancelled': 'CancelledNotification',
  'notifications/tools/list_changed': 'ToolListChangedNotification',
};
const ERRORS = {
  '-32700': 'ParseError',
  '-32600': 'InvalidRequestError',
  '-32601': 'MethodNotFoundError',
  '-32602': 'InvalidParamsError',
  '-32603': 'InternalError',
  '-32022': 'UnsupportedProtocolVersionError',
};

/** The official schemas of both eras from `folder`, or null when they are not there. */
export function loadSchemas(folder) {
  const schemas = {};
  for (const version of [MODERN, LEGACY]) {
    const path = join(folder, `schema-${version}.json`);
    if (!existsSync(path)) return null;
    const ajv = new Ajv({strict: false, validateFormats: false, allErrors: true});
    ajv.addSchema(JSON.parse(readFileSync(path, 'utf8')), version);
    schemas[version] = (definition, value) => {
      const validate = ajv.getSchema(`${version}#/$defs/${definition}`);
      assert.ok(validate, `${version} has no definition ${definition}`);
      assert.ok(validate(value), `not a ${definition} of ${version}: ${ajv.errorsText(validate.errors)}`);
    };
  }
  return schemas;
}

const typed = id => `${typeof id} ${id}`;
const eraOf = request => request.params?._meta?.[`${META}protocolVersion`] === undefined ? LEGACY : MODERN;

/** Checks one connection's record from its first line to its last. */
export class Conversation {
  lines = 0;
  cancelled = 0;
  #schemas;
  #open = new Map();      // requests without an answer, by typed id
  #silenced = new Set();  // ids whose call the client has cancelled
  #progress = new Map();  // typed token → {era, last}
  #closed = new Set();    // typed tokens whose call is answered
  #version = LEGACY;      // what a 2025 handshake settled

  constructor(schemas) {
    this.#schemas = schemas;
  }

  fromClient(line) {
    const message = JSON.parse(line);
    if (message.method === 'notifications/cancelled') {
      const id = typed(message.params.requestId);
      if (this.#open.delete(id)) {
        this.#silenced.add(id);
        ++this.cancelled;
      }
    } else if (message.method !== undefined && message.id !== undefined) {
      this.#open.set(typed(message.id), message);
      const token = message.params?._meta?.progressToken;
      if (token !== undefined) this.#progress.set(typed(token), {era: eraOf(message), last: -Infinity});
    }
  }

  fromServer(line) {
    ++this.lines;
    assert.ok(line.endsWith('\n'), 'the line does not end');
    const message = JSON.parse(line);
    if (message.method !== undefined) this.#notification(message);
    else if (message.id === undefined) this.#unaddressed(message);
    else this.#answer(message);
  }

  /** After the last line: what should have been answered and was not. */
  end() {
    assert.deepEqual([...this.#open.keys()], [], 'requests without an answer');
  }

  #notification(message) {
    assert.equal(message.id, undefined, 'the server sends no requests');
    const definition = NOTIFICATIONS[message.method];
    assert.ok(definition, `an unknown notification: ${message.method}`);
    let era = LEGACY;
    if (message.method === 'notifications/progress') {
      const token = typed(message.params?.progressToken);
      const progress = this.#progress.get(token);
      assert.ok(progress, `progress for a token that nobody gave, or of another type: ${token}`);
      assert.ok(!this.#closed.has(token), 'progress after the answer');
      assert.ok(message.params.progress > progress.last, 'progress does not rise');
      progress.last = message.params.progress;
      era = progress.era;
    }
    this.#schemas[era]('JSONRPCNotification', message);
    this.#schemas[era](definition, message);
  }

  #unaddressed(message) {
    assert.ok(message.error, 'an answer without id that is no error');
    this.#schemas[LEGACY]('JSONRPCErrorResponse', message);
  }

  #answer(message) {
    const id = typed(message.id);
    assert.ok(!this.#silenced.has(id), `an answer to a cancelled call: ${id}`);
    const request = this.#open.get(id);
    assert.ok(request, `an answer to nothing, or with an id of another type: ${id}`);
    this.#open.delete(id);
    const token = request.params?._meta?.progressToken;
    if (token !== undefined) this.#closed.add(typed(token));
    const era = eraOf(request);
    if (message.error) this.#error(era, message);
    else this.#result(era, request, message);
  }

  #error(era, message) {
    this.#schemas[era]('JSONRPCErrorResponse', message);
    assert.ok(!('result' in message), 'both result and error');
    const definition = era === MODERN ? ERRORS[message.error.code] : undefined;
    if (definition) this.#schemas[era](definition, definition === 'UnsupportedProtocolVersionError' ? message : message.error);
  }

  #result(era, request, message) {
    this.#schemas[era]('JSONRPCResultResponse', message);
    const definition = RESULTS[era][request.method];
    assert.ok(definition, `a result for ${request.method}, which ${era} does not have`);
    const {result} = message;
    this.#schemas[era](definition, result);
    if (era === MODERN) {
      assert.equal(result.resultType, 'complete');
      assert.ok(result._meta?.[`${META}serverInfo`]?.name, 'no serverInfo in _meta');
      if (definition === 'ListToolsResult') assert.equal(result.cacheScope, 'private');
    } else {
      for (const key of ['resultType', 'ttlMs', 'cacheScope']) assert.ok(!(key in result), `${key} on a 2025 result`);
      for (const key of Object.keys(result._meta ?? {})) assert.ok(!key.startsWith(META), `_meta ${key} on a 2025 result`);
      if (definition === 'InitializeResult') this.#version = result.protocolVersion;
      if (this.#version === '2025-03-26') this.#noneOf0618(result);
      if (definition === 'EmptyResult') assert.deepEqual(result, {}, 'an empty result that is not {}');
    }
  }

  #noneOf0618(result) {
    assert.ok(!('structuredContent' in result), 'structuredContent on a 2025-03-26 result');
    for (const tool of result.tools ?? []) {
      for (const key of ['title', 'outputSchema']) assert.ok(!(key in tool), `${key} on a tool of 2025-03-26`);
    }
  }
}
