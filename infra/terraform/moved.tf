# All of this was in the root before there was a module. These blocks move the state of such a deployment, so that nothing
# of it is destroyed or created again.

moved {
  from = google_artifact_registry_repository.images
  to   = module.memegen.google_artifact_registry_repository.images
}

moved {
  from = google_artifact_registry_repository_iam_member.build_writes_images
  to   = module.memegen.google_artifact_registry_repository_iam_member.build_writes_images
}

moved {
  from = google_billing_budget.month
  to   = module.memegen.google_billing_budget.month
}

moved {
  from = google_cloud_run_v2_service_iam_member.anyone_calls_api
  to   = module.memegen.google_cloud_run_v2_service_iam_member.anyone_calls_api
}

moved {
  from = google_cloud_run_v2_service_iam_member.trigger_calls_on_upload
  to   = module.memegen.google_cloud_run_v2_service_iam_member.trigger_calls_on_upload
}

moved {
  from = google_cloudfunctions2_function.api
  to   = module.memegen.google_cloudfunctions2_function.api
}

moved {
  from = google_cloudfunctions2_function.on_upload
  to   = module.memegen.google_cloudfunctions2_function.on_upload
}

moved {
  from = google_compute_backend_bucket.page
  to   = module.memegen.google_compute_backend_bucket.page
}

moved {
  from = google_compute_backend_service.api
  to   = module.memegen.google_compute_backend_service.api
}

moved {
  from = google_compute_global_address.domain
  to   = module.memegen.google_compute_global_address.domain
}

moved {
  from = google_compute_global_forwarding_rule.https
  to   = module.memegen.google_compute_global_forwarding_rule.https
}

moved {
  from = google_compute_global_forwarding_rule.redirect
  to   = module.memegen.google_compute_global_forwarding_rule.redirect
}

moved {
  from = google_compute_managed_ssl_certificate.domain
  to   = module.memegen.google_compute_managed_ssl_certificate.domain
}

moved {
  from = google_compute_region_network_endpoint_group.api
  to   = module.memegen.google_compute_region_network_endpoint_group.api
}

moved {
  from = google_compute_security_policy.api
  to   = module.memegen.google_compute_security_policy.api
}

moved {
  from = google_compute_ssl_policy.domain
  to   = module.memegen.google_compute_ssl_policy.domain
}

moved {
  from = google_compute_target_http_proxy.redirect
  to   = module.memegen.google_compute_target_http_proxy.redirect
}

moved {
  from = google_compute_target_https_proxy.https
  to   = module.memegen.google_compute_target_https_proxy.https
}

moved {
  from = google_compute_url_map.https
  to   = module.memegen.google_compute_url_map.https
}

moved {
  from = google_compute_url_map.redirect
  to   = module.memegen.google_compute_url_map.redirect
}

moved {
  from = google_logging_metric.count
  to   = module.memegen.google_logging_metric.count
}

moved {
  from = google_logging_metric.duration
  to   = module.memegen.google_logging_metric.duration
}

moved {
  from = google_logging_project_exclusion.meme_ids
  to   = module.memegen.google_logging_project_exclusion.meme_ids
}

moved {
  from = google_monitoring_alert_policy.alert
  to   = module.memegen.google_monitoring_alert_policy.alert
}

moved {
  from = google_monitoring_dashboard.memegen
  to   = module.memegen.google_monitoring_dashboard.memegen
}

moved {
  from = google_monitoring_notification_channel.email
  to   = module.memegen.google_monitoring_notification_channel.email
}

moved {
  from = google_project_iam_member.build_reads_copied_sources
  to   = module.memegen.google_project_iam_member.build_reads_copied_sources
}

moved {
  from = google_project_iam_member.build_writes_logs
  to   = module.memegen.google_project_iam_member.build_writes_logs
}

moved {
  from = google_project_iam_member.storage_publishes
  to   = module.memegen.google_project_iam_member.storage_publishes
}

moved {
  from = google_project_iam_member.trigger_receives_events
  to   = module.memegen.google_project_iam_member.trigger_receives_events
}

moved {
  from = google_project_service.api
  to   = module.memegen.google_project_service.api
}

moved {
  from = google_pubsub_topic.reports
  to   = module.memegen.google_pubsub_topic.reports
}

moved {
  from = google_pubsub_topic_iam_member.reader
  to   = module.memegen.google_pubsub_topic_iam_member.reader
}

moved {
  from = google_service_account.account
  to   = module.memegen.google_service_account.account
}

moved {
  from = google_service_account_iam_member.api_signs
  to   = module.memegen.google_service_account_iam_member.api_signs
}

moved {
  from = google_storage_bucket.memes
  to   = module.memegen.google_storage_bucket.memes
}

moved {
  from = google_storage_bucket.site
  to   = module.memegen.google_storage_bucket.site
}

moved {
  from = google_storage_bucket.source
  to   = module.memegen.google_storage_bucket.source
}

moved {
  from = google_storage_bucket.uploads
  to   = module.memegen.google_storage_bucket.uploads
}

moved {
  from = google_storage_bucket_iam_member.account
  to   = module.memegen.google_storage_bucket_iam_member.account
}

moved {
  from = google_storage_bucket_iam_member.anyone_reads_site
  to   = module.memegen.google_storage_bucket_iam_member.anyone_reads_site
}

moved {
  from = google_storage_bucket_iam_member.reader
  to   = module.memegen.google_storage_bucket_iam_member.reader
}

moved {
  from = google_storage_bucket_iam_member.uploader
  to   = module.memegen.google_storage_bucket_iam_member.uploader
}

moved {
  from = google_storage_bucket_object.archive
  to   = module.memegen.google_storage_bucket_object.archive
}

moved {
  from = google_storage_bucket_object.page
  to   = module.memegen.google_storage_bucket_object.page
}

moved {
  from = google_storage_notification.reports
  to   = module.memegen.google_storage_notification.reports
}

moved {
  from = time_sleep.apis
  to   = module.memegen.time_sleep.apis
}

moved {
  from = time_sleep.grants
  to   = module.memegen.time_sleep.grants
}
