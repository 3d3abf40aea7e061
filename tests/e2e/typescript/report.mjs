// How a conversation script is told its setting and tells its cases: "ok <case>" or "not ok <case>: <why>".
import {readFileSync} from 'node:fs';

export const setting = JSON.parse(readFileSync(process.argv[2], 'utf8'));
let failures = 0;

export async function report(name, body) {
  try {
    await body();
    console.log(`ok ${name}`);
  } catch (error) {
    ++failures;
    console.log(`not ok ${name}: ${error.message.replaceAll('\n', ' ')}`);
  }
}

/** Runs the cases on one connection; none can, when that fails. */
export async function converse(sdk, era, who, cases, extra = []) {
  const context = {sdk, era};
  const connecting = sdk.connect(era, who, extra);
  for (const [name, body] of cases) {
    await report(`${era.version}: ${name}`, async () => {
      context.client = await connecting;
      await body(context);
    });
  }
  await context.client?.close();
}

export function finish() {
  process.exitCode = failures ? 1 : 0;
}
