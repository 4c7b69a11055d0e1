"""How long photos that come at once wait in Google Cloud, worked out from its rules alone. Pure."""

import heapq

from infra.local.config.delivery import Rules


def waits(photos: int, seconds: float, rules: Rules) -> list[float]:
    """Seconds until each of so many photos that come at the same moment has its meme, sorted.

    `seconds` are what an instance takes for one; `rules.at_once` is the number of instances, all warm.
    """
    free = [0.0] * rules.at_once
    queue = [(0.0, number, 0) for number in range(photos)]  # due, photo, failed deliveries
    done = []
    while queue:
        due, number, failed = heapq.heappop(queue)
        begun = max(due, free[0])
        longest = rules.queue_seconds
        if longest is not None and begun - due > longest:
            heapq.heappush(queue, (due + longest + rules.pause(failed + 1), number, failed + 1))
        else:
            heapq.heapreplace(free, begun + seconds)
            done.append(begun + seconds)
    return sorted(done)
