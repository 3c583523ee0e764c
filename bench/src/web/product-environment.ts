// @boundaries-ignore the product is started here as it is everywhere
import type { StackPorts } from "../../../tools/stack.mjs";
import type { BenchOptions } from "../main";

/** Of a run of the bench, gone with its data. */
export const PRODUCT_SECRET = "of a run of the bench, gone with its data";

/** Where one house of the product has its data. */
export interface ProductHouse extends Pick<BenchOptions, "redisUrl" | "rabbitmqUrl"> {
  /** With the name of its database. */
  mongodbUrl: string;
  namespace: string;
}

/** The variables of the product's processes, but their ports. */
export function productEnvironment(
  { mongodbUrl, redisUrl, rabbitmqUrl, namespace }: ProductHouse,
  { engineUrl, ports }: { engineUrl: string; ports: StackPorts },
): Record<string, string> {
  const origin = `http://localhost:${ports.web}`;
  return {
    NODE_ENV: "test",
    LOG_LEVEL: "error",
    NAMESPACE: namespace,
    MONGODB_URL: mongodbUrl,
    REDIS_URL: redisUrl,
    RABBITMQ_URL: rabbitmqUrl,
    PUBLIC_URL: origin,
    ALLOWED_ORIGINS: origin,
    REALTIME_PUBLIC_URL: `ws://localhost:${ports.realtime[0]}`,
    TRANSLATION_ENGINES: "libretranslate",
    LIBRETRANSLATE_URL: engineUrl,
    NEXTAUTH_SECRET: PRODUCT_SECRET,
    CODE_SECRET: PRODUCT_SECRET,
    TRANSLATION_CACHE_SECRET: PRODUCT_SECRET,
  };
}
