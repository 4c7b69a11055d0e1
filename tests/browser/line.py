"""A page's connection to the world, made slow or cut."""

from playwright.sync_api import Page


class Line:
    """Sends 100 kB a second."""

    def __init__(self, page: Page) -> None:
        self._session = page.context.new_cdp_session(page)
        self._session.send("Network.enable")
        self.connect()

    def connect(self, offline: bool = False) -> None:
        conditions = {"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 100_000}
        self._session.send("Network.emulateNetworkConditions", conditions)
