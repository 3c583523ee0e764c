import { pino, type DestinationStream, type Logger as PinoLogger } from "pino";
import { currentCorrelationId } from "./correlation";
import { redactFields, redactString } from "./redaction";

export type Logger = PinoLogger;

export interface LoggerOptions {
  readonly name: string;
  readonly level: string;
  /** Readable lines instead of JSON, for a person at a terminal. */
  readonly pretty?: boolean;
  /** Standard output by default. */
  readonly destination?: DestinationStream;
}

/** JSON lines with the time, the process's name and the correlation id; secrets, texts and addresses are replaced. */
export function createLogger(options: LoggerOptions): Logger {
  return pino(
    {
      name: options.name,
      level: options.level,
      timestamp: pino.stdTimeFunctions.isoTime,
      mixin: correlationFields,
      // The redaction below has already turned errors into plain objects.
      serializers: { err: (value: unknown) => value },
      formatters: {
        level: (label) => ({ level: label }),
        bindings: redactFields,
        log: redactFields,
      },
      hooks: {
        logMethod(parts, method) {
          const [first, second, ...rest] = parts;
          if (typeof first === "string") return method.apply(this, [redactString(first)]);
          return method.apply(this, [first, typeof second === "string" ? redactString(second) : second, ...rest]);
        },
      },
      ...(options.pretty === true ? { transport: { target: "pino-pretty", options: { ignore: "pid,hostname" } } } : {}),
    },
    ...(options.destination === undefined || options.pretty === true ? [] : [options.destination]),
  );
}

/** A logger that says nothing. */
export function silentLogger(): Logger {
  return pino({ level: "silent" });
}

function correlationFields(): Record<string, string> {
  const correlationId = currentCorrelationId();
  return correlationId === null ? {} : { correlationId };
}
