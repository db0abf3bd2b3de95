// Runs a Lambda handler: takes invocations from the Runtime API, calls the handler, sends back what it returns.
// The contract is the one of AWS Lambda's Node.js runtimes: async and callback handlers, CommonJS and ES modules,
// console lines with time and request id, error documents.
import fs from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import util from 'node:util';

const [apiHost, apiPort] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const taskRoot = process.env.LAMBDA_TASK_ROOT ?? process.cwd();
const apiBase = '/2018-06-01/runtime/';
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

let requestId = '';

class RuntimeFault extends Error {
  constructor(name, message) {
    super(message);
    this.name = name;
    this.stack = '';
  }
}

function call(method, where, body = '', headers = {}) {
  const bytes = Buffer.from(body);
  const options = {
    agent, host: apiHost, port: apiPort, method, path: apiBase + where,
    headers: { ...headers, 'Content-Length': bytes.length },
  };
  return new Promise((resolve, reject) => {
    const request = http.request(options, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers,
        body: Buffer.concat(chunks).toString('utf8') }));
    });
    request.on('error', reject);
    request.end(bytes);
  });
}

// An idle connection may have been closed by the other side just before it was used.
async function callTwice(method, where, body, headers) {
  try {
    return await call(method, where, body, headers);
  } catch (error) {
    if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') throw error;
    return await call(method, where, body, headers);
  }
}

// One console call is one log event, so its inner newlines travel as carriage returns.
function logLine(level, args) {
  const text = util.format(...args).replaceAll('\n', '\r');
  const line = `${new Date().toISOString()}\t${requestId || 'undefined'}\t${level}\t${text}\n`;
  fs.writeSync(1, line);
}

function patchConsole() {
  const levels = { trace: 'TRACE', debug: 'DEBUG', log: 'INFO', info: 'INFO', warn: 'WARN', error: 'ERROR' };
  for (const [method, level] of Object.entries(levels)) {
    console[method] = (...args) => {
      try {
        logLine(level, args);
      } catch {
        // the handler closed its output
      }
    };
  }
}

function errorDocument(error) {
  if (error instanceof Error || util.types.isNativeError(error)) {
    const trace = error.stack ? error.stack.split('\n') : [];
    return { errorType: error.name, errorMessage: error.message, trace };
  }
  return { errorType: typeof error, errorMessage: String(error), trace: [] };
}

async function sendError(where, document) {
  logLine('ERROR', ['Invoke Error', JSON.stringify({ ...document, stack: document.trace, trace: undefined })]);
  const type = document.errorType.replace(/[^A-Za-z0-9._]/g, '');
  await callTwice('POST', where, JSON.stringify(document), { 'Lambda-Runtime-Function-Error-Type': type });
}

// "dir/file.outer.inner": the file, then the way to the function inside its exports.
function splitHandler(name) {
  const folder = path.dirname(name);
  const parts = path.basename(name).split('.');
  if (parts.length < 2 || name.includes('..')) {
    throw new RuntimeFault('Runtime.MalformedHandlerName', 'Bad handler');
  }
  return { file: path.resolve(taskRoot, folder, parts[0]), exportPath: parts.slice(1), shown: path.join(folder, parts[0]) };
}

function isModuleFolder(folder) {
  for (let at = folder; ; at = path.dirname(at)) {
    const manifest = path.join(at, 'package.json');
    if (fs.existsSync(manifest)) return JSON.parse(fs.readFileSync(manifest, 'utf8')).type === 'module';
    if (at === taskRoot || at === path.dirname(at)) return false;
  }
}

async function loadModule(file, shown) {
  try {
    if (fs.existsSync(`${file}.js`) && !isModuleFolder(path.dirname(file))) return createRequire(file)(`${file}.js`);
    for (const extension of ['.js', '.mjs']) {
      if (fs.existsSync(file + extension)) return await import(pathToFileURL(file + extension).href);
    }
    return createRequire(file)(fs.existsSync(`${file}.cjs`) ? `${file}.cjs` : file);
  } catch (error) {
    if (error instanceof SyntaxError) throw Object.assign(error, { name: 'Runtime.UserCodeSyntaxError' });
    if (error?.code === 'MODULE_NOT_FOUND' || error?.code === 'ERR_MODULE_NOT_FOUND') {
      throw new RuntimeFault('Runtime.ImportModuleError', `Error: ${error.message}`);
    }
    throw error;
  }
}

async function loadHandler(name) {
  const { file, exportPath, shown } = splitHandler(name);
  const loaded = await loadModule(file, shown);
  const find = (root) => exportPath.reduce((at, key) => at?.[key], root);
  const handler = find(loaded) ?? find(loaded?.default);
  if (handler === undefined) {
    throw new RuntimeFault('Runtime.HandlerNotFound', `${name} is undefined or not exported`);
  }
  if (typeof handler !== 'function') {
    throw new RuntimeFault('Runtime.HandlerNotFound', `${name} is not a function`);
  }
  return handler;
}

function makeContext(headers) {
  const deadline = performance.now() + (Number(headers['lambda-runtime-deadline-ms']) - Date.now());
  const clientContext = headers['lambda-runtime-client-context'];
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: clientContext ? JSON.parse(clientContext) : undefined,
    identity: undefined,
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    awsRequestId: headers['lambda-runtime-aws-request-id'],
    getRemainingTimeInMillis: () => Math.max(0, Math.floor(deadline - performance.now())),
  };
}

// The loop is alive only through what the handler left running; when that is done, a waiting callback counts.
let whenLoopEmpty = null;
process.on('beforeExit', () => {
  const resume = whenLoopEmpty;
  whenLoopEmpty = null;
  if (resume) setImmediate(resume);
});

function invoke(handler, event, context) {
  return new Promise((resolve, reject) => {
    let handlerReturned = false;
    const settle = (error, result) => {
      const finish = () => (error === null || error === undefined ? resolve(result) : reject(error));
      if (context.callbackWaitsForEmptyEventLoop) whenLoopEmpty = finish;
      else finish();
    };
    context.done = settle;
    context.succeed = (result) => settle(null, result);
    context.fail = (error) => settle(error ?? new Error('handled'));
    const returned = handler(event, context, settle);
    handlerReturned = true;
    if (typeof returned?.then === 'function') returned.then(resolve, reject);
    // Neither promise nor callback: the answer is null once nothing is left to do.
    else if (handlerReturned && whenLoopEmpty === null) whenLoopEmpty = () => resolve(null);
  });
}

function marshal(result) {
  try {
    return JSON.stringify(result === undefined ? null : result) ?? 'null';
  } catch (error) {
    throw new RuntimeFault('Runtime.MarshalError', `Unable to stringify response body: ${error.message}`);
  }
}

async function serveOne(handler) {
  requestId = '';
  const next = await callTwice('GET', 'invocation/next');
  if (next.status !== 200) process.exit(1);
  requestId = next.headers['lambda-runtime-aws-request-id'];
  process.env._X_AMZN_TRACE_ID = next.headers['lambda-runtime-trace-id'] ?? '';
  try {
    const result = await invoke(handler, JSON.parse(next.body), makeContext(next.headers));
    whenLoopEmpty = null;
    const body = marshal(result);
    await callTwice('POST', `invocation/${requestId}/response`, body);
  } catch (error) {
    whenLoopEmpty = null;
    await sendError(`invocation/${requestId}/error`, { ...errorDocument(error), requestId });
  }
}

function dieOn(event, type) {
  process.on(event, async (error) => {
    const document = { ...errorDocument(error), requestId: requestId || undefined };
    if (type) document.errorType = type;
    try {
      await sendError(requestId ? `invocation/${requestId}/error` : 'init/error', document);
    } finally {
      process.exit(129);
    }
  });
}

patchConsole();
dieOn('uncaughtException', null);
dieOn('unhandledRejection', 'Runtime.UnhandledPromiseRejection');

let handler;
try {
  handler = await loadHandler(process.env._HANDLER);
} catch (error) {
  await sendError('init/error', errorDocument(error));
  process.exit(1);
}
for (;;) await serveOne(handler);
