"""The attributes that the real provider can't change in place: another value there replaces the resource.

From the pages of the google provider's resources, which say "Changing this forces a new resource" or have the
attribute in the resource's identity, and for time_sleep from the time provider's. Those of the types in use.
"""

_NAMED = ("name", "project")

FORCE_NEW: dict[str, tuple[str, ...]] = {
    "google_artifact_registry_repository": ("repository_id", "location", "project", "format"),
    "google_artifact_registry_repository_iam_member": (
        "repository",
        "location",
        "project",
        "role",
        "member",
        "condition",
    ),
    "google_billing_budget": ("billing_account",),
    "google_cloud_run_v2_service_iam_member": ("name", "location", "project", "role", "member", "condition"),
    "google_cloud_scheduler_job": ("name", "region", "project"),
    "google_cloudfunctions2_function": ("name", "location", "project"),
    "google_compute_backend_bucket": _NAMED,
    "google_compute_backend_service": (*_NAMED, "load_balancing_scheme"),
    "google_compute_global_address": _NAMED,
    "google_compute_global_forwarding_rule": (*_NAMED, "ip_address", "port_range", "load_balancing_scheme"),
    "google_compute_managed_ssl_certificate": (*_NAMED, "managed"),
    "google_compute_region_network_endpoint_group": (*_NAMED, "region", "network_endpoint_type", "cloud_run"),
    "google_compute_security_policy": _NAMED,
    "google_compute_ssl_policy": _NAMED,
    "google_compute_target_http_proxy": _NAMED,
    "google_compute_target_https_proxy": _NAMED,
    "google_compute_url_map": _NAMED,
    "google_logging_metric": _NAMED,
    "google_logging_project_exclusion": _NAMED,
    "google_monitoring_dashboard": ("project",),
    "google_monitoring_notification_channel": ("project",),
    "google_monitoring_uptime_check_config": ("project", "monitored_resource"),
    "google_project_iam_member": ("project", "role", "member", "condition"),
    "google_project_service": ("project", "service"),
    "google_pubsub_topic": _NAMED,
    "google_pubsub_topic_iam_member": ("topic", "project", "role", "member", "condition"),
    "google_service_account": ("account_id", "project"),
    "google_service_account_iam_member": ("service_account_id", "role", "member", "condition"),
    "google_storage_bucket": ("name", "location", "project"),
    "google_storage_bucket_iam_member": ("bucket", "role", "member", "condition"),
    "google_storage_bucket_object": ("bucket", "name"),
    "google_storage_notification": ("bucket", "topic", "payload_format", "event_types", "custom_attributes"),
    "time_sleep": ("triggers",),
}
