/** The health check of the images: exit 0 when the process on this machine's internal port says that it is ready. */
const ready = await fetch(`http://127.0.0.1:${process.argv[2]}/readyz`, { signal: AbortSignal.timeout(4000) }).catch(
  () => undefined,
);
process.exitCode = ready?.ok ? 0 : 1;
