"""What security.md says of a deployment: where limits and headers come from, and which doors are shut."""

import re
from pathlib import Path
from typing import Any

from tests.infra.test_plan import functions
from tests.support.provider.offline import plan as plan_of
from tests.support.provider.offline import resources

WEB = Path(__file__).parents[2] / "web"

Plan = dict[str, Any]

BEHIND_A_DOMAIN = {
    "Strict-Transport-Security: max-age=31536000",
    "X-Content-Type-Options: nosniff",
    "X-Frame-Options: DENY",
    "Content-Security-Policy: frame-ancestors 'none'",
    "Referrer-Policy: no-referrer",
    "Permissions-Policy: camera=(), geolocation=(), microphone=()",
}


def own_limits(plan: Plan) -> list[str | None]:
    """The api's own limits on requests and on uploads, of the one api in the plan."""
    (api,) = [each for name, each in functions(plan).items() if name.endswith("-api")]
    variables = api["service_config"][0]["environment_variables"]
    return [variables.get(f"{what}_PER_MINUTE") for what in ("REQUESTS", "UPLOADS")]


def cloud_armors_limits(plan: Plan) -> list[int]:
    policies = resources(plan, "google_compute_security_policy").values()
    return [
        options["rate_limit_threshold"][0]["count"]
        for policy in policies
        for rule in policy["rule"]
        for options in rule["rate_limit_options"]
    ]


def test_exactly_one_limit_holds(plan: Plan, full_plan: Plan):
    assert (own_limits(plan), cloud_armors_limits(plan)) == (["300", "60"], [])
    assert (own_limits(full_plan), sorted(cloud_armors_limits(full_plan))) == ([None, None], [24, 120])


def test_headers_against_frames_and_plain_http_need_a_domain(plan: Plan, full_plan: Plan):
    assert "custom_response_headers" not in str(plan["planned_values"])
    for kind in ("google_compute_backend_bucket", "google_compute_backend_service"):
        (backend,) = resources(full_plan, kind).values()
        assert set(backend["custom_response_headers"]) == BEHIND_A_DOMAIN


def test_https_for_the_whole_domain_must_be_asked_for(configuration: Path):
    asked = plan_of(configuration, domain="memes.example.com", hsts_include_subdomains=True)
    (backend,) = resources(asked, "google_compute_backend_bucket").values()
    assert (
        "Strict-Transport-Security: max-age=31536000; includeSubDomains" in backend["custom_response_headers"]
    )


def test_the_pages_own_policy_holds_what_a_meta_element_can():
    """Browsers ignore frame-ancestors there, so that it would promise what it doesn't hold."""
    (policy,) = re.findall(
        r'http-equiv="Content-Security-Policy"\s+content="([^"]+)"', (WEB / "index.html").read_text()
    )
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["default-src"] == "'none'"
    assert directives["script-src"] == directives["style-src"] == "'self'"
    assert directives["base-uri"] == directives["form-action"] == "'none'"
    assert "unsafe" not in policy
    assert "frame-ancestors" not in directives


def test_on_upload_is_closed_to_the_world(plan: Plan, full_plan: Plan):
    for planned, name in ((plan, "memegen-on-upload"), (full_plan, "memes2-on-upload")):
        (service,) = functions(planned)[name]["service_config"]
        assert service["ingress_settings"] == "ALLOW_INTERNAL_ONLY"
        invokers = [
            grant.get("member")
            for grant in resources(planned, "google_cloud_run_v2_service_iam_member").values()
            if grant["name"] == name
        ]
        assert len(invokers) == 1
        assert "allUsers" not in invokers


def test_no_function_holds_a_key_or_a_secret(full_plan: Plan):
    for function in functions(full_plan).values():
        (service,) = function["service_config"]
        assert not {"SIGNING_KEY_FILE", "GOOGLE_APPLICATION_CREDENTIALS"} & set(
            service["environment_variables"]
        )
        assert not service["secret_environment_variables"]
        assert not service["secret_volumes"]
