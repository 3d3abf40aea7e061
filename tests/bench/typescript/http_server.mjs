// The echo tool on the official TypeScript server: the rival of the HTTP benchmark.
import { createServer } from 'node:http';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';
const inputSchema = z.object({ text: z.string().max(400) });
const handler = createMcpHandler(() => {
  const server = new McpServer({ name: 'echo', version: '1.0.0' });
  server.registerTool('echo', { description: 'Says it again.', inputSchema, annotations: { readOnlyHint: true } },
    async ({ text }) => ({ content: [{ type: 'text', text }] }));
  return server;
});
const listener = createServer(toNodeHandler(handler));
listener.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: listener.address().port })));
