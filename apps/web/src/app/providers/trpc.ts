"use client";

import { createTRPCContext } from "@trpc/tanstack-react-query";
import type { AppRouter } from "../../server/routers";

/** The procedures as TanStack Query options (`useTRPC`) and as plain calls (`useTRPCClient`). */
export const { TRPCProvider, useTRPC, useTRPCClient } = createTRPCContext<AppRouter>();
