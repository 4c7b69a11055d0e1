"""Stand-ins for the google and time providers: their whole schema and nothing behind it.

With them Terraform validates, plans and tests the configuration on a machine that no provider registry and no
cloud can be reached from. `schema` reads each provider's schema out of a package on PyPI, `plugin` serves it
to Terraform, `python -m tests.support.provider` lays both out in `.venv-infra`.
"""
