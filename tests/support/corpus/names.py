"""Object names that nobody should give a photo, and what becomes of an upload of each."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Name:
    """fate: "meme", "ignored" for a folder's placeholder, or "refused" by Cloud Storage itself."""

    text: str
    fate: str


def names(stem: str) -> list[Name]:
    """Each within or after `stem`, so that runs do not meet; but for those that can't be."""
    return [
        *(Name(name, "meme") for name in _sound(stem)),
        *(Name(name, "ignored") for name in (f"{stem}/", f"{stem}/photo.jpg/", f"{stem}//")),
        *(Name(name, "refused") for name in _refused(stem)),
    ]


def _sound(stem: str) -> list[str]:
    filled = 1024 - len(stem.encode()) - 1
    return [
        f"../../etc/{stem}",
        f"{stem}/../../../etc/passwd",
        f"{stem}/..",
        f"{stem}/.",
        f"./{stem}",
        f"/{stem}",
        f"{stem}//x",
        f".{stem}",
        f"{stem}/.hidden",
        f"{stem}/%2e%2e%2f%2e%2e%2fpasswd",
        f"{stem}/%00",
        f"{stem}\\..\\x",
        f"{stem}/\x01\x02\x1b[31m",
        f"{stem}/\t",
        f"{stem}/\x7f",
        f"{stem}/\x85",
        f"{stem}/😀👩🏽‍🚀",
        f"{stem}/ఫోటో नमस्ते",
        f"{stem}/\u202egpj.exe",
        f"{stem}/\u200b",
        f"{stem}/\ufeff",
        f"{stem}/a\u0301 á",
        f"{stem}/?alt=media#x&y=z",
        f"{stem}/'; drop table events; --",
        f"{stem}/<script>alert(1)</script>",
        f"{stem}/${{jndi:ldap://x}}",
        f"{stem}/$(id) `id`",
        f"{stem}/ ",
        f"{stem}/con",
        f"{stem}/x.json",
        f"{stem}/x.meme.jpg",
        f"web/{stem}/0/1",
        f"{stem}/{'a' * filled}",
        f"{stem}/{'ä' * (filled // 2)}",
        f"{stem}/{'😀' * (filled // 4)}",
        f"{stem}/{'x/' * (filled // 2 - 1)}y",
        f"{stem}/{'a' * 256}",
    ]


def _refused(stem: str) -> list[str]:
    return [
        ".",
        "..",
        f".well-known/acme-challenge/{stem}",
        f"{stem}/\r",
        f"{stem}/\n",
        f"{stem}/{'a' * 1024}",
        f"{stem}/{'😀' * 256}",
    ]
