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
  const log = pino(
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
        logMethod([fields, message], method) {
          const text = messageOf(fields, message);
          if (typeof fields === "string") return method.apply(this, [text ?? ""]);
          return method.apply(this, [fields instanceof Error ? { err: fields } : fields, text]);
        },
      },
      ...(options.pretty === true ? { transport: { target: "pino-pretty", options: { ignore: "pid,hostname" } } } : {}),
    },
    ...(options.destination === undefined || options.pretty === true ? [] : [options.destination]),
  );
  return redactChildren(log);
}

/** pino applies no formatter to the bindings of child loggers; they inherit this method instead. */
function redactChildren(log: Logger): Logger {
  const { child } = log;
  Object.defineProperty(log, "child", {
    value(this: Logger, bindings: object, options?: object) {
      return child.call(this, redactFields(bindings), options);
    },
  });
  return log;
}

/** pino takes an error's message where none is given, and would take it as it is. */
function messageOf(fields: unknown, message: unknown): string | undefined {
  if (typeof fields === "string") return redactString(fields);
  if (typeof message === "string") return redactString(message);
  if (fields instanceof Error) return redactString(fields.message);
  if (typeof fields === "object" && fields !== null && "err" in fields && fields.err instanceof Error) {
    return redactString(fields.err.message);
  }
  return undefined;
}

/** A logger that says nothing. */
export function silentLogger(): Logger {
  return pino({ level: "silent" });
}

function correlationFields(): Record<string, string> {
  const correlationId = currentCorrelationId();
  return correlationId === null ? {} : { correlationId };
}
