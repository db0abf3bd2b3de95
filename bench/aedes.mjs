// bench/aedes.mjs PORT [TLS_PORT CA CERTIFICATE KEY]: aedes as a broker on loopback, as the measurements run it; with TLS
// it demands a certificate of that authority.

import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import Aedes from "aedes";

const [port, tlsPort, ca, certificate, key] = process.argv.slice(2);
const broker = Aedes();
const options = { noDelay: true };

createServer(options, broker.handle).listen({ port: Number(port), host: "127.0.0.1", backlog: 1024 });
if (tlsPort) {
  const tls = { ca: readFileSync(ca), cert: readFileSync(certificate), key: readFileSync(key), requestCert: true };
  createTlsServer({ ...options, ...tls }, broker.handle).listen({ port: Number(tlsPort), host: "127.0.0.1", backlog: 1024 });
}
