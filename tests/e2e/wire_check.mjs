// wire_check.mjs <folder with schemas> <record.jsonl...>: checks what tap.py wrote down. One case a connection.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {basename} from 'node:path';
import {Conversation, loadSchemas} from './wire.mjs';

const [folder, ...records] = process.argv.slice(2);
const schemas = loadSchemas(folder);
if (!schemas) {
  console.log(`skipped: the wire check: no official schemas in ${folder}`);
  process.exit(0);
}

let cancelled = 0;
function check(path) {
  const conversation = new Conversation(schemas);
  let exit;
  readFileSync(path, 'utf8').trimEnd().split('\n').forEach((text, i) => {
    const entry = JSON.parse(text);
    try {
      if (entry.from === 'client') conversation.fromClient(entry.line);
      else if (entry.from === 'server') conversation.fromServer(entry.line);
      else exit = entry.exit;
    } catch (error) {
      throw new Error(`line ${i + 1}: ${error.message}\n    ${(entry.line ?? '').slice(0, 600)}`);
    }
  });
  conversation.end();
  assert.equal(exit, 0, `the server ended with ${exit}`);
  cancelled += conversation.cancelled;
  return conversation.lines;
}

for (const path of records) {
  const name = basename(path).replace(/\.\d+\.jsonl$/, '');
  try {
    console.log(`ok wire ${name}: ${check(path)} lines fit their schemas`);
  } catch (error) {
    console.log(`not ok wire ${name}: ${error.message.replaceAll('\n', ' ')}`);
    process.exitCode = 1;
  }
}
const eras = new Set(records.map(path => basename(path).split('-', 4).slice(1).join('-')));
const verdict = cancelled >= eras.size ? 'ok' : 'not ok';
console.log(`${verdict} wire: ${cancelled} cancelled calls had no answer, in ${eras.size} eras`);
if (verdict !== 'ok') process.exitCode = 1;
