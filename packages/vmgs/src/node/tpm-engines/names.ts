/** How engines are named in messages: as on the command line. */

/** `swtpm://127.0.0.1:2321`; an IPv6 address stands in brackets. */
export function socketName(kind: string, host: string, port: number): string {
  return `${kind}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
