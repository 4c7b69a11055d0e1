# Every ten minutes the sweep looks for uploads that have no report, and makes their memes itself. So an event that is lost
# or can't be delivered costs a photo ten minutes, and the alert "uploads swept" tells of it.

resource "google_cloud_scheduler_job" "sweep" {
  project          = var.project_id
  region           = var.region
  name             = "${var.name}-sweep"
  description      = "Looks for uploads without a report"
  schedule         = "*/10 * * * *"
  time_zone        = "Etc/UTC"
  attempt_deadline = "570s"

  retry_config {
    retry_count = 0 # the next run finds what this one did not
  }
  http_target {
    http_method = "POST"
    uri         = google_cloudfunctions2_function.function["sweep"].service_config[0].uri

    oidc_token {
      service_account_email = local.emails["scheduler"]
      audience              = google_cloudfunctions2_function.function["sweep"].service_config[0].uri
    }
  }

  depends_on = [google_cloud_run_v2_service_iam_member.caller]
}
