// Commands on their way to the server: one after another, in the order in which they were given.

// After one of these a row is what its editor saw, with the change that they made.
const FOLLOWED = ["edit_text", "assign_segment", "mark_reviewed"];

/**
 * The version that one's own command made of a row. A command whose answer was lost is sent again, and
 * answered with the row as others have it by then: what they wrote its editor has not seen.
 */
export const ownVersion = (seen, now) => Math.min(now, seen + 1);

/**
 * Returns { give, size }.
 *
 * A job is { command, rows: [{ id, version }], request }: the rows as they were seen when it was
 * given, and what is to be sent once its turn has come (null: nothing). `settled` is told each job
 * with its reply before the next one's turn, `show` how it goes: "saving" or "waiting", of how many.
 */
export function createOutbox({ deliver, settled, show }) {
  const queue = [];
  let working = false;

  /** Resolves to the reply, null where there was nothing to send. */
  function give(job) {
    job.early = queue.some(({ command }) => !FOLLOWED.includes(command));
    return new Promise((resolve) => {
      queue.push(Object.assign(job, { resolve }));
      if (!working) work();
    });
  }

  async function work() {
    working = true;
    while (queue.length) {
      const job = queue[0];
      const request = job.request();
      const reply = request && await send(request);
      queue.shift();
      if (reply?.ok && FOLLOWED.includes(job.command)) follow(job, reply.body.segments);
      if (reply) settled(job, reply);
      job.resolve(reply);
    }
    working = false;
  }

  function send(request) {
    show("saving", queue.length);
    return deliver(request, (reply) => show("waiting", queue.length, reply));
  }

  /** What was given on top of the same rows goes on top of what they have become. */
  function follow({ rows }, now) {
    for (const { id, version } of rows) {
      const next = now.find((row) => row.id === id);
      const same = queue.flatMap((job) => job.rows).filter((row) => row.id === id && row.version === version);
      for (const row of same) row.version = next ? ownVersion(version, next.version) : version;
    }
  }

  return { give, size: () => queue.length, follows: (command) => FOLLOWED.includes(command) };
}
