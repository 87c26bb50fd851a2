// The Back key shows a page as it was left, without asking, to whoever sits there after a sign-out too.
addEventListener("pageshow", ({ persisted }) => { if (persisted) location.reload(); });
