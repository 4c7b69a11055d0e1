# What runs by the clock. Every ten minutes the sweep looks for uploads that have no report, and makes their memes itself. So
# an event that is lost or can't be delivered costs a photo ten minutes, and the alert "uploads swept" tells of it. The
# canary, if there is one, sends a drawn face the whole way every quarter of an hour. Both functions stand in functions.tf.

locals {
  jobs = {
    for key, job in {
      sweep  = { description = "Looks for uploads without a report", minutes = 10, body = null }
      canary = { description = "Sends the canary", minutes = 15, body = jsonencode({ api = local.api_url }) }
    } : key => job if lookup(local.optional, key, true)
  }
}

resource "google_cloud_scheduler_job" "job" {
  for_each = local.jobs

  project          = var.project_id
  region           = var.region
  name             = "${var.name}-${each.key}"
  description      = each.value.description
  schedule         = "*/${each.value.minutes} * * * *"
  time_zone        = "Etc/UTC"
  attempt_deadline = "${local.functions[each.key].timeout + 30}s"

  retry_config {
    retry_count = 0 # the next run finds what this one did not
  }
  http_target {
    http_method = "POST"
    uri         = google_cloudfunctions2_function.function[each.key].service_config[0].uri
    headers     = each.value.body == null ? null : { "Content-Type" = "application/json" }
    body        = each.value.body == null ? null : base64encode(each.value.body)

    oidc_token {
      service_account_email = local.emails["scheduler"]
      audience              = google_cloudfunctions2_function.function[each.key].service_config[0].uri
    }
  }

  depends_on = [google_cloud_run_v2_service_iam_member.caller]
}
