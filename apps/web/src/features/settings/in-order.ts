/**
 * `work` one call at a time, in the order of the calls: two requests of one person that travel side by side may arrive in any
 * order, and so may their answers. `work` must not reject.
 */
export function inOrder<Input, Answer>(work: (input: Input) => Promise<Answer>): (input: Input) => Promise<Answer> {
  let last: Promise<unknown> = Promise.resolve();
  return (input) => {
    const answer = last.then(() => work(input));
    last = answer;
    return answer;
  };
}
