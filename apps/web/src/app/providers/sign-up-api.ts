import type { RegisterInput } from "@ashchat/contracts/api";
import { ask } from "./ask";
import { createApiClient } from "./procedures";

/** The calls of somebody who is not signed in; the client is made at the first of them. */
let client: ReturnType<typeof createApiClient> | null = null;

function api() {
  client ??= createApiClient();
  return client;
}

export const registerAccount = (input: RegisterInput) => ask(api().account.register.mutate(input));
export const resendCode = () => ask(api().account.resendCode.mutate());
export const confirmEmail = (input: { code: string }) => ask(api().account.confirmEmail.mutate(input));
