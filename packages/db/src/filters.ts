import mongoose from "mongoose";

/**
 * Conditions with an operator in them. `sanitizeFilter` takes every operator out of a filter but those that are said here, by us;
 * an operator inside a value that came from outside stays a value and matches nothing.
 */
export function oneOf<Value>(values: readonly Value[]) {
  return mongoose.trusted({ $in: [...values] });
}

export function below<Value>(value: Value) {
  return mongoose.trusted({ $lt: value });
}

export function atMost<Value>(value: Value) {
  return mongoose.trusted({ $lte: value });
}

export function above<Value>(value: Value) {
  return mongoose.trusted({ $gt: value });
}

export function between<Value>(lower: Value, upper: Value) {
  return mongoose.trusted({ $gt: lower, $lt: upper });
}

export function otherThan<Value>(value: Value) {
  return mongoose.trusted({ $ne: value });
}
