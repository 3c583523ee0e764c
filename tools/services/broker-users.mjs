/**
 * Who may do what on the broker. Every process has a user of its own: it publishes where its jobs go and reads the queues
 * that it works off, nothing else; none may declare or delete. `ashchat` may everything on its virtual host: with it
 * `migrate` makes the queues. tools/compose/rabbitmq.sh says the same for containers; a test compares them.
 *
 * Patterns are RabbitMQ's: of names of queues and exchanges, for any namespace. `amq.default` is the exchange through
 * which a consumer publishes retries and answers.
 */
export const OWNER = "ashchat";
export const BROKER_VHOST = "ashchat";

const NOTHING = "^$";
const queue = (name) => `^[^.]+[.]${name}_QUEUE$`;
const WORK = "^[^.]+[.]work$";
const AFTER_WORK = "^([^.]+[.]dead|amq[.]default)$";
const WORK_AND_AFTER = "^([^.]+[.](work|dead)|amq[.]default)$";

const RIGHTS = {
  web: { write: WORK, read: NOTHING },
  realtime: { write: WORK, read: NOTHING },
  "email-verification": { write: AFTER_WORK, read: queue("(ACCOUNT_CREATION|CONFIRM_EMAIL_CODE)") },
  translation: { write: WORK_AND_AFTER, read: queue("TRANSLATION") },
  profiles: { write: AFTER_WORK, read: queue("PROFILE_CREATION") },
};

/** The processes that have a user on the broker. */
export const BROKER_PROCESSES = Object.keys(RIGHTS);

export const brokerUser = (process) => `ashchat-${process}`;

/** `{user, vhost, configure, write, read}` of every user. */
export function brokerPermissions() {
  const own = { user: OWNER, vhost: BROKER_VHOST, configure: ".*", write: ".*", read: ".*" };
  const processes = Object.entries(RIGHTS).map(([process, rights]) => ({
    user: brokerUser(process),
    vhost: BROKER_VHOST,
    configure: NOTHING,
    ...rights,
  }));
  return [own, ...processes];
}

/** EMAIL_VERIFICATION_RABBITMQ_LOGIN and so on: `user:password`, with which the process of that name signs in. */
export const loginVariable = (process) => `${process.toUpperCase().replaceAll("-", "_")}_RABBITMQ_LOGIN`;
