# One image per process, from one build. `docker compose build` makes them all.
# Only what says which packages are installed, so that a change of the sources does not install them again.
FROM node:20-bookworm-slim AS manifests
WORKDIR /source
COPY . .
RUN mkdir /manifests \
  && find . -name package.json -print0 | tar --null -T - -cf - | tar -xf - -C /manifests \
  && cp package-lock.json .npmrc /manifests/

FROM node:20-bookworm-slim AS packages
WORKDIR /app
ENV NEXT_TELEMETRY_DISABLED=1 TURBO_TELEMETRY_DISABLED=1
COPY --from=manifests /manifests ./
RUN npm ci --ignore-scripts --no-audit --no-fund

FROM packages AS build
COPY . .
RUN npx turbo run build

FROM packages AS production-packages
RUN npm prune --omit=dev --ignore-scripts

# --- realtime and the workers: which one, the command says ---
FROM node:20-bookworm-slim AS processes
WORKDIR /app
ENV NODE_ENV=production
COPY --from=production-packages /app ./
COPY --from=build /app/apps/realtime/dist apps/realtime/dist
COPY --from=build /app/apps/workers/dist apps/workers/dist
COPY tools/healthcheck.mjs tools/healthcheck.mjs
USER node
CMD ["node", "--enable-source-maps", "apps/realtime/dist/main.js"]

FROM node:20-bookworm-slim AS web
WORKDIR /app
ENV NODE_ENV=production
COPY --from=build /app/apps/web/.next/standalone ./
COPY --from=build /app/apps/web/.next/static apps/web/.next/static
COPY --from=build /app/apps/web/public apps/web/public
COPY tools/healthcheck.mjs tools/healthcheck.mjs
USER node
CMD ["node", "apps/web/server.js"]

# --- development only: catches mails and shows them ---
FROM node:20-bookworm-slim AS inbox
WORKDIR /app
ENV NODE_ENV=development MAIL_INBOX_HOST=0.0.0.0
COPY --from=packages /app/node_modules node_modules
COPY tools/mail-inbox tools/mail-inbox
USER node
CMD ["node", "tools/mail-inbox/main.mjs"]

# --- an offline translation engine ---
FROM debian:bookworm-slim AS apertium
RUN apt-get update \
  && apt-get install -y --no-install-recommends \
    apertium-apy apertium-en-es apertium-es-ca apertium-es-pt apertium-fr-es curl \
  && rm -rf /var/lib/apt/lists/*
USER nobody
EXPOSE 2737
CMD ["apertium-apy", "-p", "2737", "-j", "1", "/usr/share/apertium"]
