/**
 * Called between the steps of a use case with the step's name. Tests hand over one that kills the process there, to show
 * that what a crash leaves behind is finished by somebody else.
 */
export type CrashPoint = (name: string) => void;

export const noCrash: CrashPoint = () => {};
