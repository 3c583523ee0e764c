import type { mongo } from "mongoose";

export interface ServerInfo {
  /** Name and version, as they are shown to whoever runs the house. */
  label: string;
  /** A server for development that only speaks MongoDB's protocol; production refuses it. */
  isStandIn: boolean;
}

/** Asks the server who it is. */
export async function readServerInfo(database: mongo.Db): Promise<ServerInfo> {
  const answer: unknown = await database.command({ buildInfo: 1 });
  const version = fieldOf(answer, "version") ?? "of unknown version";
  const standIn = fieldOf(answer, "standIn");
  if (standIn === null) return { label: `MongoDB ${version}`, isStandIn: false };
  return { label: `${standIn}, a stand-in that speaks MongoDB ${version}`, isStandIn: true };
}

function fieldOf(answer: unknown, field: string): string | null {
  if (typeof answer !== "object" || answer === null) return null;
  const value: unknown = Reflect.get(answer, field);
  return typeof value === "string" ? value : null;
}
