"""Which direct uploads become memes."""

from dataclasses import dataclass

from cloud.names import PAGE_PREFIX


@dataclass(frozen=True)
class Selection:
    """How the names of those begin that are made, and of those that are left alone all the same.

    No `include` means all. What the page has uploaded is always made.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def takes(self, name: str) -> bool:
        if name.startswith(PAGE_PREFIX):
            return True
        included = not self.include or name.startswith(self.include)
        return included and not name.startswith(self.exclude)


EVERYTHING = Selection()
