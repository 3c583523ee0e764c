/** The address of a real apertium-apy server with English, Spanish, Portuguese and French. */
export function apertiumAddress(): string {
  const address = process.env["ASH_TEST_APERTIUM_URL"];
  if (address === undefined)
    throw new Error("ASH_TEST_APERTIUM_URL is not set: these tests need a real apertium-apy server");
  return address;
}
