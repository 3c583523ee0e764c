export interface PolicyOptions {
  readonly nonce: string;
  /** Where the realtime server listens. */
  readonly realtimeUrl: string;
  /** React's development tools need `eval`, hot reload a socket of its own. */
  readonly isDevelopment: boolean;
  readonly isSecure: boolean;
}

/**
 * Which resources a page may load. Scripts run only with this answer's nonce, or when such a script loads them. Styles may
 * stand in the page, because positions of menus and lists are computed; they can neither send nor read anything here.
 */
export function contentSecurityPolicy({ nonce, realtimeUrl, isDevelopment, isSecure }: PolicyOptions): string {
  const directives = [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${isDevelopment ? " 'unsafe-eval'" : ""}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' blob: data:",
    "font-src 'self'",
    `connect-src 'self' ${new URL(realtimeUrl).origin}${isDevelopment ? " ws: wss:" : ""}`,
    "worker-src 'self'",
    "manifest-src 'self'",
    "object-src 'none'",
    "frame-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ];
  return [...directives, ...(isSecure ? ["upgrade-insecure-requests"] : [])].join("; ");
}
