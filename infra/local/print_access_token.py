"""Prints an access token for curl, as `gcloud auth print-access-token` does.

The running stack gives the token to the developer account. It is valid at the storage for an hour.
"""

import argparse
import sys
from pathlib import Path

from google.auth.exceptions import GoogleAuthError
from google.auth.transport.requests import Request
from google.oauth2.service_account import Credentials

from infra.local.stack.stack import ROOT


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.local.print_access_token", description=__doc__)
    parser.add_argument(
        "--state", type=Path, default=ROOT / ".local", metavar="FOLDER", help="the stack's folder"
    )
    key_file = parser.parse_args().state / "accounts" / "developer.json"
    if not key_file.exists():
        print(f"There is no {key_file}; start the local stack first (make run).", file=sys.stderr)
        return 1
    credentials = Credentials.from_service_account_file(key_file)
    try:
        credentials.refresh(Request())
    except GoogleAuthError as error:
        print(f"The local stack gave no token; is it running (make run)? {error}", file=sys.stderr)
        return 1
    print(credentials.token)
    return 0


if __name__ == "__main__":
    sys.exit(main())
