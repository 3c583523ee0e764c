"use client";

import { createTRPCContext } from "@trpc/tanstack-react-query";
import type { AppRouter } from "../../server/routers";

/** The procedures as TanStack Query options. */
export const { TRPCProvider, useTRPC } = createTRPCContext<AppRouter>();
