"""How a function's process ends when it is asked to: in time, and with the work that it has begun.

Before the platform removes an instance it sends SIGTERM, and ten seconds later it kills the process:
https://cloud.google.com/run/docs/container-contract. gunicorn then sleeps up to 30 seconds for connections
that nobody uses any more, as an event system keeps them open between two deliveries.
"""

import gunicorn.config  # type: ignore[import-untyped]
from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

_LOOK_SECONDS = 1.0


class StoppingWorker(ThreadWorker):
    """gunicorn's threaded worker, which at SIGTERM closes connections that no request is on.

    A request that has come or is in work is answered first. Whoever sends one on a connection that is being
    closed meets its end, as at any idle connection, and sends it again on another.
    """

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        if self.alive:
            super().wait_for_and_dispatch_events(timeout)
            return
        super().wait_for_and_dispatch_events(0)
        self.close_idle()
        if self.nr_conns > 0:
            super().wait_for_and_dispatch_events(min(timeout, _LOOK_SECONDS))

    def close_idle(self) -> None:
        for conn in (*self.keepalived_conns, *self.pending_conns):
            conn.timeout = 0
        self.murder_keepalived()
        self.murder_pending()


def use(worker: type[ThreadWorker] = StoppingWorker) -> None:
    """Makes it what gunicorn starts where no kind of worker is named, as by functions-framework."""
    gunicorn.config.WorkerClass.default = worker
